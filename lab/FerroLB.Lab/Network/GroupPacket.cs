using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>A UDP datagram to a multicast group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Octets">What it carries; shared by all receivers: never write into them.</param>
public sealed record GroupPacket(MacAddress Group, byte[] Octets);
