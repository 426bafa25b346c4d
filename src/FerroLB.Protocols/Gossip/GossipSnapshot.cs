using System.Collections.Immutable;

namespace FerroLB.Protocols.Gossip;

/// <summary>The whole picture at one moment, for readers outside.</summary>
/// <param name="Members">Every member that is not forgotten, this one among them, by name.</param>
/// <param name="HealthScore">0 when this member does well; the higher, the more it doubts its own judgement.</param>
/// <param name="PendingBroadcasts">Messages that are still being spread.</param>
/// <param name="Counts">What was counted since the start.</param>
public sealed record GossipSnapshot(
    ImmutableArray<GossipMember> Members, int HealthScore, int PendingBroadcasts, GossipCounts Counts);

/// <summary>What a member counted since its start.</summary>
/// <param name="DatagramsReceived">Datagrams that came.</param>
/// <param name="DatagramsSent">Datagrams that were sent.</param>
/// <param name="PartsRefused">Parts of datagrams, and streams, that made no sense.</param>
/// <param name="ProbesFailed">Probes that got no answer by any way.</param>
/// <param name="Refutations">How often this member had to say that it is there.</param>
public readonly record struct GossipCounts(
    long DatagramsReceived, long DatagramsSent, long PartsRefused, long ProbesFailed, long Refutations);
