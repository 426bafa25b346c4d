using FerroLB.Protocols.Heartbeat;

namespace FerroLB.Runtime.Loop;

/// <summary>How a <see cref="LinkLoop"/> sends and hears heartbeats.</summary>
/// <param name="Port">The UDP port, the same for all speakers.</param>
/// <param name="Seal">Signs and verifies them.</param>
public sealed record LinkHeartbeatOptions(ushort Port, HeartbeatSeal Seal);
