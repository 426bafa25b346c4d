namespace FerroLB.Protocols.Bgp.Session;

/// <summary>What ended a session or kept it from coming up.</summary>
public enum BgpErrorCause : byte
{
    /// <summary>No connection to the peer could be made.</summary>
    ConnectFailed,

    /// <summary>The peer closed the connection, or it broke.</summary>
    ConnectionLost,

    /// <summary>We sent a NOTIFICATION.</summary>
    NotificationSent,

    /// <summary>The peer sent a NOTIFICATION.</summary>
    NotificationReceived,

    /// <summary>It is not wanted, or wanted differently.</summary>
    Stopped,

    /// <summary>BFD has lost the path.</summary>
    BfdDown,
}
