using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Arp;

/// <summary>An interface on which addresses may be announced.</summary>
/// <param name="Index">The kernel's interface index.</param>
/// <param name="Name">Its name.</param>
/// <param name="Mac">Its hardware address.</param>
/// <param name="HasCarrier">Whether anybody can hear it: without, nothing unasked is sent.</param>
public sealed record ArpLink(int Index, string Name, MacAddress Mac, bool HasCarrier);
