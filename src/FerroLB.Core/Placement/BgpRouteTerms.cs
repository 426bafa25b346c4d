using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;

namespace FerroLB.Core.Placement;

/// <summary>What one peer is told about one prefix: what all advertisements that ask for it there have in common, or add up to.</summary>
public sealed record BgpRouteTerms
{
    /// <summary>LOCAL_PREF for internal peers; 0 when no advertisement names one. Where several do, the highest.</summary>
    public uint LocalPref { get; init; }

    /// <summary>MULTI_EXIT_DISC; null for none. Where several name one, the lowest, which routers prefer.</summary>
    public uint? Med { get; init; }

    /// <summary>How many times more our AS number is put in front of the path: the fewest that any advertisement asks for.</summary>
    public int AsPathPrepend { get; init; }

    /// <summary>The communities of all of them, sorted, each once.</summary>
    public ImmutableArray<CommunityValue> Communities { get; init; } = [];

    /// <summary>The terms that advertisements add up to, at least one.</summary>
    public static BgpRouteTerms Of(IReadOnlyCollection<BgpAdvertisementConfig> advertisements) => new()
    {
        LocalPref = advertisements.Max(advertisement => advertisement.LocalPref),
        Med = advertisements.Min(advertisement => advertisement.Med),
        AsPathPrepend = advertisements.Min(advertisement => advertisement.AsPathPrepend),
        Communities = advertisements.Count == 1
            ? advertisements.First().Communities
            : [.. advertisements.SelectMany(advertisement => advertisement.Communities).Distinct().Order()],
    };

    /// <inheritdoc/>
    public bool Equals(BgpRouteTerms? other) =>
        other is not null && LocalPref == other.LocalPref && Med == other.Med && AsPathPrepend == other.AsPathPrepend &&
        Communities.AsSpan().SequenceEqual(other.Communities.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)LocalPref * 31 + (int)(Med ?? 0) * 31 + Communities.Length);
}
