using System;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>A valid IPAddressPool. Two are equal when they say the same; a build keeps the earlier instance of an unchanged pool.</summary>
public sealed class PoolConfig : IEquatable<PoolConfig>
{
    /// <summary>Makes a pool of valid parts.</summary>
    public PoolConfig(string name, ImmutableArray<PoolEntry> entries)
    {
        Name = name;
        Entries = entries;
        Blocks = [.. entries.SelectMany(entry => entry.Blocks)];
    }

    /// <summary>The object's name.</summary>
    public string Name { get; }

    /// <summary>The object's labels, for the selectors of advertisements.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The items of spec.addresses, in the order written.</summary>
    public ImmutableArray<PoolEntry> Entries { get; }

    /// <summary>All blocks in the order written; disjoint.</summary>
    public ImmutableArray<IpPrefix> Blocks { get; }

    /// <summary>Whether the pool is chosen for Services that did not ask for it.</summary>
    public bool AutoAssign { get; init; } = true;

    /// <summary>Whether IPv4 addresses that end in .0 or .255 count as not being in the pool.</summary>
    public bool AvoidBuggyIPs { get; init; }

    /// <summary>Whom the pool is reserved for; null for everyone.</summary>
    public PoolPinning? Pinning { get; init; }

    /// <summary>Whether <see cref="AvoidBuggyIPs"/> takes an address out of the pool.</summary>
    public bool IsAvoided(IpAddress address) => AvoidBuggyIPs && address.IsIPv4 && (byte)(address.Value & 0xFF) is 0 or 255;

    /// <inheritdoc/>
    public bool Equals(PoolConfig? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && Name == other.Name && AutoAssign == other.AutoAssign && AvoidBuggyIPs == other.AvoidBuggyIPs &&
            Equals(Pinning, other.Pinning) && Labels.SequenceEqual(other.Labels) && Entries.SequenceEqual(other.Entries));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PoolConfig);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.Length;
}
