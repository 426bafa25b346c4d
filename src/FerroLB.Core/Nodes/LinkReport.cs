using System.Collections.Generic;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Heartbeat;

namespace FerroLB.Core.Nodes;

/// <summary>
/// What the link loop tells the control loop. Each states everything of its kind, so that only the newest of a kind counts.
/// </summary>
public abstract record LinkReport
{
    private LinkReport()
    {
    }

    /// <summary>The interfaces of this node changed, or are known for the first time.</summary>
    /// <param name="Links">All of them but the excluded ones, by index; usable or not.</param>
    public sealed record LinksChanged(IReadOnlyList<LinkState> Links) : LinkReport;

    /// <summary>Other hosts began or ceased to claim addresses that this node announces.</summary>
    /// <param name="Conflicts">Every conflict there is now, by address and interface.</param>
    public sealed record ConflictsChanged(IReadOnlyList<AddressConflict> Conflicts) : LinkReport;

    /// <summary>This node answers for no address any more; the answer to <see cref="LinkCommand.TellWhenSilent"/>.</summary>
    public sealed record Silent : LinkReport;

    /// <summary>What the heartbeats say of a peer changed, or this process stood still.</summary>
    /// <param name="Peers">Every peer that was heard, by name.</param>
    /// <param name="Standstills">How often this process stood still so long that it is muted until
    /// <see cref="LinkCommand.ConfirmOwnership"/> of this number.</param>
    public sealed record PeersChanged(IReadOnlyList<HeartbeatPeerState> Peers, int Standstills) : LinkReport;
}
