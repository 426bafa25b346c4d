namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>The type octet of a message header (RFC 4271 section 4.1, RFC 2918).</summary>
public enum BgpMessageType : byte
{
    /// <summary>Opens a session (RFC 4271 section 4.2).</summary>
    Open = 1,

    /// <summary>Advertises and withdraws routes (section 4.3).</summary>
    Update = 2,

    /// <summary>Tells an error and ends the session (section 4.5).</summary>
    Notification = 3,

    /// <summary>A sign of life (section 4.4).</summary>
    KeepAlive = 4,

    /// <summary>Asks for all routes again, or marks where they begin and end (RFC 2918, RFC 7313).</summary>
    RouteRefresh = 5,
}
