namespace FerroLB.Protocols.Heartbeat;

/// <summary>An interface on which heartbeats are heard and sent.</summary>
/// <param name="Index">The kernel's interface index.</param>
/// <param name="HasCarrier">Whether there is anybody to hear: without, nobody is judged by it.</param>
/// <param name="IsOwner">Whether this node owns addresses on it.</param>
public readonly record struct HeartbeatLink(int Index, bool HasCarrier, bool IsOwner);
