using System;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>An interface on which a node can announce, as its speaker states it to the others.</summary>
/// <param name="Name">Its name on that node.</param>
/// <param name="SpeaksIpv6">Whether IPv6 addresses can be announced on it as well, which takes a link-local address.</param>
/// <param name="Subnets">Its on-link prefixes without link-local ones and single addresses, sorted, each once.</param>
public sealed record StatedInterface(string Name, bool SpeaksIpv6, ImmutableArray<IpPrefix> Subnets)
{
    /// <summary>Whether addresses of a family can be announced on it.</summary>
    public bool Speaks(AddressFamily family) => SpeaksIpv6 || family == AddressFamily.IPv4;

    /// <summary>Whether one of its subnets contains the address.</summary>
    public bool Contains(IpAddress address)
    {
        foreach (var subnet in Subnets)
        {
            if (subnet.Contains(address))
                return true;
        }
        return false;
    }

    /// <summary>Equal in everything, the subnets one by one.</summary>
    public bool Equals(StatedInterface? other) =>
        other is not null && Name == other.Name && SpeaksIpv6 == other.SpeaksIpv6 && Subnets.SequenceEqual(other.Subnets);

    /// <summary>By name, which seldom repeats.</summary>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);
}
