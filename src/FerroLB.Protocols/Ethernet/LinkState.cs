using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Ethernet;

/// <summary>One network interface as the kernel describes it.</summary>
/// <param name="Index">The kernel's interface index; a re-created interface has another.</param>
/// <param name="Name">The name, for example "eth0".</param>
/// <param name="Mac">The hardware address; zero when the link has none of 48 bits.</param>
public sealed record LinkState(int Index, string Name, MacAddress Mac)
{
    /// <summary>Whether it is administratively up (IFF_UP).</summary>
    public bool IsUp { get; init; }

    /// <summary>Whether the carrier is there (IFF_LOWER_UP).</summary>
    public bool HasCarrier { get; init; }

    /// <summary>Whether it can broadcast (IFF_BROADCAST); loopback cannot.</summary>
    public bool IsBroadcast { get; init; }

    /// <summary>Whether address resolution is off (IFF_NOARP).</summary>
    public bool IsNoArp { get; init; }

    /// <summary>Whether it is enslaved to a bond, a bridge or a VRF (IFLA_MASTER).</summary>
    public bool IsEnslaved { get; init; }

    /// <summary>The largest payload in octets.</summary>
    public int MtuBytes { get; init; }

    /// <summary>Its addresses with prefix lengths, sorted.</summary>
    public IReadOnlyList<LinkAddress> Addresses { get; init; } = [];
}

/// <summary>An address of an interface and the length of its on-link prefix in bits.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">0-32 or 0-128.</param>
public readonly record struct LinkAddress(IpAddress Address, int PrefixLength);
