using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>An immutable view of a speaker's control loop.</summary>
/// <param name="NodeName">The node that it runs on.</param>
/// <param name="IsSynced">Whether everything it needs was read at least once, so that its answers mean something.</param>
/// <param name="Services">What it decided, for each Service that has an address.</param>
/// <param name="Rejections">Configuration objects that are not in force as written.</param>
public sealed record SpeakerSnapshot(
    string NodeName,
    bool IsSynced,
    ImmutableSortedDictionary<ObjectKey, SpeakerServiceState> Services,
    ImmutableArray<ConfigRejection> Rejections)
{
    /// <summary>Other hosts that claim addresses which this node announces, by address and interface.</summary>
    public ImmutableArray<AddressConflict> Conflicts { get; init; } = [];

    /// <summary>The view before anything was read.</summary>
    public static SpeakerSnapshot Empty(string nodeName) =>
        new(nodeName, false, ImmutableSortedDictionary<ObjectKey, SpeakerServiceState>.Empty, []);
}

/// <summary>What a speaker decided about one Service.</summary>
/// <param name="Wishes">The addresses that this node announces for it and where, in the order of its status; empty when it announces
/// none.</param>
/// <param name="Placement">The election, from this node's point of view, of the Service's first address.</param>
/// <param name="Problem">Why this node announces nothing although it won, or null.</param>
public sealed record SpeakerServiceState(
    ImmutableArray<AddressWish> Wishes, Layer2Placement Placement, string? Problem)
{
    /// <summary>The addresses that this node announces for it, in the order of its status.</summary>
    public ImmutableArray<IpAddress> Announced { get; } = [.. Wishes.Select(wish => wish.Address)];

    /// <summary>The Service's addresses that another living node announces.</summary>
    public ImmutableArray<IpAddress> Elsewhere { get; init; } = [];

    /// <summary>Whether the link loop would be told the same for both.</summary>
    public bool AnnouncesLike(SpeakerServiceState? other) =>
        other is not null && Wishes.SequenceEqual(other.Wishes);
}
