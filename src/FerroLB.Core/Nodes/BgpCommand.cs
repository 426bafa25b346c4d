using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Protocols.Ethernet;

namespace FerroLB.Core.Nodes;

/// <summary>What the control loop orders of the BGP loop.</summary>
public abstract record BgpCommand
{
    private BgpCommand()
    {
    }

    /// <summary>Hold sessions with these peers and no others.</summary>
    /// <param name="Peers">All of them; names are unique.</param>
    public sealed record HoldSessions(ImmutableArray<BgpPeerWish> Peers) : BgpCommand;

    /// <summary>Advertise for these Services what they ask for now; others go on as they are.</summary>
    /// <param name="Services">What changed, as one change.</param>
    public sealed record AdvertiseServices(ImmutableArray<BgpServiceRoutes> Services) : BgpCommand;

    /// <summary>These are the node's interfaces: their addresses become next hops and identifiers.</summary>
    /// <param name="Links">All of them, by index.</param>
    public sealed record UseLinks(IReadOnlyList<LinkState> Links) : BgpCommand;

    /// <summary>The process ends: take leave of all peers, then tell <see cref="BgpNodeOutput.TellSilent"/>.</summary>
    public sealed record ShutDown : BgpCommand;
}
