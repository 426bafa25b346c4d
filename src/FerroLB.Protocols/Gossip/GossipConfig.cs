using System;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Protocols.Gossip;

/// <summary>What a <see cref="GossipMachine"/> is told about itself.</summary>
/// <param name="Name">This member's name, for a speaker the name of its node; not empty.</param>
/// <param name="Address">Where others reach it, by datagrams and by streams.</param>
public sealed record GossipConfig(string Name, GossipAddress Address)
{
    /// <summary>The numbers of the protocol.</summary>
    public GossipTuning Tuning { get; init; } = GossipTuning.Lan;

    /// <summary>What this member speaks. A program above memberlist that checks its own versions wants them stated here.</summary>
    public GossipVersions Versions { get; init; } = GossipVersions.Default;

    /// <summary>This member's data, at most 512 octets.</summary>
    public ReadOnlyMemory<byte> Meta { get; init; }

    /// <summary>How many octets the envelope adds to a datagram, at most.</summary>
    public int EnvelopeBytes { get; init; }

    /// <summary>After how long the name of a failed member may be taken over from another address; zero for only when it is
    /// forgotten.</summary>
    public TimeSpan DeadNodeReclaimTime { get; init; }

    /// <summary>Most members; further ones are not let in.</summary>
    public int MostMembers { get; init; } = 10_000;

    /// <summary>How long leaving may take.</summary>
    public TimeSpan LeaveTimeout { get; init; } = TimeSpan.FromSeconds(1);
}
