namespace FerroLB.Protocols.Heartbeat;

/// <summary>What was counted since it was taken last.</summary>
/// <param name="Sent">Heartbeats sent, over all interfaces.</param>
/// <param name="Received">Heartbeats taken.</param>
public readonly record struct HeartbeatCounts(long Sent, long Received);
