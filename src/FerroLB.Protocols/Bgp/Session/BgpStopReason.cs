namespace FerroLB.Protocols.Bgp.Session;

/// <summary>Why a session is not wanted any more.</summary>
public enum BgpStopReason : byte
{
    /// <summary>An operator shuts it down: Cease 2, with a text (RFC 9003).</summary>
    AdministrativeShutdown,

    /// <summary>The peer is no longer configured: Cease 3.</summary>
    PeerDeconfigured,

    /// <summary>
    /// This process restarts. To a peer that agreed to graceful restart nothing is said, so that it keeps our routes (RFC 4724 section
    /// 4); to another it is a shutdown.
    /// </summary>
    Restart,
}
