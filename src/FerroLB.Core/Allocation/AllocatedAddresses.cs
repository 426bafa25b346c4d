using System;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Allocation;

/// <summary>The addresses that a Service holds.</summary>
/// <param name="Service">The Service.</param>
/// <param name="Addresses">One, or two of different families, in the order in which they are written to the status.</param>
/// <param name="Pools">The pool of each address, in the same order.</param>
public sealed record AllocatedAddresses(ObjectKey Service, ImmutableArray<IpAddress> Addresses, ImmutableArray<string> Pools)
{
    /// <summary>The pool's name; the names of two pools are joined by a comma, in the order of the addresses.</summary>
    public string PoolText => string.Join(',', Pools.Distinct(StringComparer.Ordinal));

    /// <summary>The same for some of the addresses; null for none.</summary>
    public string? PoolTextOf(ImmutableArray<IpAddress> some)
    {
        var pools = Addresses.Zip(Pools).Where(pair => some.Contains(pair.First)).Select(pair => pair.Second);
        return some.IsEmpty ? null : string.Join(',', pools.Distinct(StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public bool Equals(AllocatedAddresses? other) =>
        other is not null && Service == other.Service && Addresses.SequenceEqual(other.Addresses) && Pools.SequenceEqual(other.Pools);

    /// <inheritdoc/>
    public override int GetHashCode() => Addresses[0].GetHashCode();
}
