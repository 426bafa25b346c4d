using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Allocation;

/// <summary>Why a Service did not get what it asked for.</summary>
public enum RefusalReason
{
    /// <summary>There is no pool at all.</summary>
    NoPools,

    /// <summary>
    /// No pool that the Service may use has an address for it; <see cref="AllocationRefusal.Pools"/> tells why each has none.
    /// </summary>
    NoAvailableAddress,

    /// <summary>The pool asked for does not exist.</summary>
    UnknownPool,

    /// <summary>The pool is reserved for other namespaces or Services.</summary>
    PoolNotCompatible,

    /// <summary>An address lies in no pool, or its pool avoids it.</summary>
    AddressNotInPools,

    /// <summary>An address asked for lies in another pool than the one asked for.</summary>
    AddressNotInRequestedPool,

    /// <summary>The number or families of the addresses do not fit the Service's cluster IPs or its policy.</summary>
    FamilyMismatch,

    /// <summary>Another Service holds the address and the two do not share.</summary>
    AddressInUse,

    /// <summary>The sharing key differs from that of the others on the address.</summary>
    SharingKeyDiffers,

    /// <summary>The sharers' traffic policies or selectors do not lead to the same nodes.</summary>
    BackendDiffers,

    /// <summary>Another sharer of the address has the port.</summary>
    PortInUse,
}

/// <summary>Why one pool did not serve a Service.</summary>
public enum PoolRefusalReason
{
    /// <summary>The pool is not chosen automatically.</summary>
    NotAutoAssigned,

    /// <summary>The pool is reserved for other namespaces or Services.</summary>
    NotCompatible,

    /// <summary>The pool has no addresses of a family that is needed.</summary>
    LacksFamily,

    /// <summary>Every address of a family that is needed is in use.</summary>
    Full,
}

/// <summary>One pool's answer.</summary>
/// <param name="Pool">The pool's name.</param>
/// <param name="Reason">The answer.</param>
public sealed record PoolRefusal(string Pool, PoolRefusalReason Reason)
{
    /// <summary>Whether an IPv4 address was needed and all that the pool has are in use. Not part of what the answer says.</summary>
    public bool IsOutOfIPv4 { get; init; }

    /// <summary>The same for IPv6.</summary>
    public bool IsOutOfIPv6 { get; init; }

    /// <inheritdoc/>
    public bool Equals(PoolRefusal? other) => other is not null && Pool == other.Pool && Reason == other.Reason;

    /// <inheritdoc/>
    public override int GetHashCode() => Pool.GetHashCode(System.StringComparison.Ordinal);

    /// <summary>For instance: pool "a" is full.</summary>
    public override string ToString() => $"pool \"{Pool}\" " + Reason switch
    {
        PoolRefusalReason.NotAutoAssigned => "is not assigned automatically",
        PoolRefusalReason.NotCompatible => "is reserved for other namespaces or Services",
        PoolRefusalReason.LacksFamily => "lacks an address family that is needed",
        _ => "is full",
    };
}

/// <summary>A refusal and its explanation.</summary>
/// <param name="Reason">The kind of refusal.</param>
/// <param name="Explanation">The cause as a phrase for events and conditions, without the pools.</param>
/// <param name="Pools">For <see cref="RefusalReason.NoAvailableAddress"/> every pool's answer, in the order asked; otherwise empty.</param>
public sealed record AllocationRefusal(RefusalReason Reason, string Explanation, ImmutableArray<PoolRefusal> Pools)
{
    private const int NamedPoolCount = 8;

    /// <summary>The explanation with the first pools' answers, for the user.</summary>
    public string Message
    {
        get
        {
            if (Pools.IsEmpty)
                return Explanation;
            var more = Pools.Length > NamedPoolCount ? $", and {Pools.Length - NamedPoolCount} more pools have none either" : "";
            return $"{Explanation}: {string.Join(", ", Pools.Take(NamedPoolCount))}{more}";
        }
    }

    /// <inheritdoc/>
    public bool Equals(AllocationRefusal? other) =>
        other is not null && Reason == other.Reason && Explanation == other.Explanation && Pools.SequenceEqual(other.Pools);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Reason;
}
