namespace FerroLB.Protocols.Bgp.Session;

/// <summary>The state of a session (RFC 4271 section 8.2.2). Of two connections the one that is further counts.</summary>
public enum BgpSessionState : byte
{
    /// <summary>Not wanted, or held back after an error.</summary>
    Idle,

    /// <summary>A connection to the peer is being opened.</summary>
    Connect,

    /// <summary>Waiting for the peer to connect, or for the next attempt.</summary>
    Active,

    /// <summary>Connected; our OPEN is sent and the peer's is awaited.</summary>
    OpenSent,

    /// <summary>The peer's OPEN is accepted; its KEEPALIVE is awaited.</summary>
    OpenConfirm,

    /// <summary>Routes are exchanged.</summary>
    Established,
}
