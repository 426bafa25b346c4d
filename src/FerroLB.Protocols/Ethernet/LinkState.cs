using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Ethernet;

/// <summary>One network interface as the kernel describes it. Two are equal when all that is said of them is, addresses included.</summary>
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

    /// <summary>The same interface without the addresses that no socket can speak from yet.</summary>
    public LinkState WithoutTentative() => this with { Addresses = [.. Addresses.Where(address => !address.IsTentative)] };

    /// <summary>Equal in everything, the addresses one by one.</summary>
    public bool Equals(LinkState? other) =>
        other is not null && Index == other.Index && Name == other.Name && Mac == other.Mac && MtuBytes == other.MtuBytes &&
        (IsUp, HasCarrier, IsBroadcast, IsNoArp, IsEnslaved) ==
        (other.IsUp, other.HasCarrier, other.IsBroadcast, other.IsNoArp, other.IsEnslaved) &&
        Addresses.SequenceEqual(other.Addresses);

    /// <summary>By index, which seldom repeats.</summary>
    public override int GetHashCode() => Index;
}

/// <summary>An address of an interface and the length of its on-link prefix in bits.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">0-32 or 0-128.</param>
public readonly record struct LinkAddress(IpAddress Address, int PrefixLength)
{
    /// <summary>Whether it is still checked for duplicates (RFC 4862 section 5.4): a socket cannot speak from it yet.</summary>
    public bool IsTentative { get; init; }
}
