namespace FerroLB.Protocols.Heartbeat;

/// <summary>What is thought of a peer.</summary>
public enum HeartbeatVerdict : byte
{
    /// <summary>Nothing: it owns no address here, so it need not be heard.</summary>
    NotJudged,

    /// <summary>It owns addresses and is heard.</summary>
    Heard,

    /// <summary>It owned addresses, and nothing was heard of it for too long.</summary>
    Silent,

    /// <summary>It said itself that it ends.</summary>
    Left,
}

/// <summary>A peer as it is thought of at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Incarnation">Its latest incarnation that was heard.</param>
/// <param name="Verdict">What is thought of it.</param>
public sealed record HeartbeatPeerState(string Name, ulong Incarnation, HeartbeatVerdict Verdict);
