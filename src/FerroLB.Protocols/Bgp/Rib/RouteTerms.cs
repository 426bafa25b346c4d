using System;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Bgp.Wire;

namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>
/// What is said about a route beside its prefix, whatever the session. Next hop, AS_PATH and the rest follow from the session. Two terms
/// are equal when they say the same; lists are kept sorted and without repetitions.
/// </summary>
public sealed record RouteTerms
{
    /// <summary>The local preference of routes that name none, as routers assume it.</summary>
    public const uint DefaultLocalPref = 100;

    /// <summary>The most times that the own AS may be repeated.</summary>
    public const int MostPrepends = 255;

    /// <summary>A route of which nothing particular is said.</summary>
    public static readonly RouteTerms Plain = new();

    /// <summary>LOCAL_PREF for internal peers; null for <see cref="DefaultLocalPref"/>. External peers are not told.</summary>
    public uint? LocalPref { get; init; }

    /// <summary>MULTI_EXIT_DISC; null for none.</summary>
    public uint? MultiExitDisc { get; init; }

    /// <summary>How often the own AS is repeated to external peers, beyond the one time: 0-<see cref="MostPrepends"/>.</summary>
    public int PrependCount { get; init => field = Math.Clamp(value, 0, MostPrepends); }

    /// <summary>COMMUNITIES.</summary>
    public ImmutableArray<BgpCommunity> Communities { get; init => field = Canonical(value); } = [];

    /// <summary>LARGE_COMMUNITY.</summary>
    public ImmutableArray<BgpLargeCommunity> LargeCommunities { get; init => field = Canonical(value); } = [];

    /// <inheritdoc/>
    public bool Equals(RouteTerms? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && LocalPref == other.LocalPref && MultiExitDisc == other.MultiExitDisc && PrependCount == other.PrependCount &&
            Communities.AsSpan().SequenceEqual(other.Communities.AsSpan()) &&
            LargeCommunities.AsSpan().SequenceEqual(other.LargeCommunities.AsSpan()));

    /// <summary>The same in every process.</summary>
    public override int GetHashCode()
    {
        unchecked
        {
            var hash = ((LocalPref ?? 1) * 31 + (MultiExitDisc ?? 1)) * 31 + (uint)PrependCount;
            foreach (var community in Communities.AsSpan())
                hash = hash * 31 + community.Value;
            foreach (var community in LargeCommunities.AsSpan())
                hash = ((hash * 31 + community.GlobalAdministrator) * 31 + community.LocalData1) * 31 + community.LocalData2;
            return (int)hash;
        }
    }

    private static ImmutableArray<T> Canonical<T>(ImmutableArray<T> values)
        where T : IComparable<T>
    {
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i - 1].CompareTo(values[i]) >= 0)
                return [.. values.Order().Distinct()];
        }
        return values;
    }
}
