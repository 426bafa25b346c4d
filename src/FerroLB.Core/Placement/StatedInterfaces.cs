using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>What a node's speaker states of its interfaces: each usable one, sorted by name; or that there are too many to say, and then
/// the node is judged as able to announce everything.</summary>
public sealed class StatedInterfaces : IEquatable<StatedInterfaces>
{
    private StatedInterfaces(ImmutableArray<StatedInterface> interfaces, bool isEverything) =>
        (Interfaces, IsEverything) = (interfaces, isEverything);

    /// <summary>No usable interface: what a speaker states before it knows its own.</summary>
    public static StatedInterfaces Nothing { get; } = new([], false);

    /// <summary>Too many to say.</summary>
    public static StatedInterfaces Everything { get; } = new([], true);

    /// <summary>Whether there are too many to say.</summary>
    public bool IsEverything { get; }

    /// <summary>The usable interfaces, sorted by name; empty when there are too many to say.</summary>
    public ImmutableArray<StatedInterface> Interfaces { get; }

    /// <summary>States these interfaces, given in any order and each once.</summary>
    public static StatedInterfaces Of(IEnumerable<StatedInterface> interfaces) =>
        new([.. interfaces.OrderBy(item => item.Name, StringComparer.Ordinal)], false);

    /// <summary>Whether the address can be announced on one of these interfaces, or on any when null.</summary>
    public bool CanAnnounce(IpAddress address, IReadOnlySet<string>? names)
    {
        foreach (var item in Interfaces)
        {
            if (item.Speaks(address.Family) && (names is null || names.Contains(item.Name)))
                return true;
        }
        return IsEverything;
    }

    /// <summary>Whether the address can be announced on one of these interfaces, or on any when null, and lies in its subnets.</summary>
    public bool IsInSubnet(IpAddress address, IReadOnlySet<string>? names)
    {
        foreach (var item in Interfaces)
        {
            if (item.Speaks(address.Family) && (names is null || names.Contains(item.Name)) && item.Contains(address))
                return true;
        }
        return IsEverything;
    }

    /// <summary>Whether everything that the other one states is stated here as well.</summary>
    public bool Includes(StatedInterfaces other)
    {
        if (IsEverything || other.IsEverything)
            return IsEverything;
        return other.Interfaces.All(wanted => Interfaces.Any(item =>
            item.Name == wanted.Name && (item.SpeaksIpv6 || !wanted.SpeaksIpv6) && wanted.Subnets.All(item.Subnets.Contains)));
    }

    /// <inheritdoc/>
    public bool Equals(StatedInterfaces? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && IsEverything == other.IsEverything && Interfaces.SequenceEqual(other.Interfaces));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StatedInterfaces);

    /// <inheritdoc/>
    public override int GetHashCode() => Interfaces.Length;
}
