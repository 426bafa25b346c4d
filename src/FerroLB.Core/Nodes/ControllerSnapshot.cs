using System.Collections.Immutable;
using FerroLB.Core.Allocation;
using FerroLB.Core.Config;
using FerroLB.Core.Election;

namespace FerroLB.Core.Nodes;

/// <summary>What a controller knows and has decided, frozen at one instant; later steps make new ones and never touch this.</summary>
public sealed record ControllerSnapshot
{
    /// <summary>Whether this controller leads, and who does.</summary>
    public LeadershipSnapshot Leadership { get; init; } = new(LeaderRole.Standby, "", "", 0, false);

    /// <summary>Whether every kind was read completely and the addresses in use were taken over; before that nothing is decided, and a
    /// standby never does.</summary>
    public bool IsSynced { get; init; }

    /// <summary>The configuration in force and what of it was rejected.</summary>
    public ConfigResult Config { get; init; } = ConfigResult.Empty;

    /// <summary>How full each pool is, by name.</summary>
    public ImmutableArray<PoolCounters> Pools { get; init; } = [];

    /// <summary>What was decided about each Service that concerns this controller.</summary>
    public ImmutableSortedDictionary<ObjectKey, ServiceOutcome> Services { get; init; } =
        ImmutableSortedDictionary<ObjectKey, ServiceOutcome>.Empty;

    /// <summary>Why the memberlist Secret could not be made; "" when it could, or is not wanted, or is another controller's task.</summary>
    public string MemberlistProblem { get; init; } = "";

    /// <summary>Status writes that wait or are in flight.</summary>
    public int WritesPending { get; init; }
}
