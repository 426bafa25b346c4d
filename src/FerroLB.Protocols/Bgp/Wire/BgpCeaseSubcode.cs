namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>Why a session ends (RFC 4486, RFC 8538, RFC 9384).</summary>
public enum BgpCeaseSubcode : byte
{
    /// <summary>Not said.</summary>
    Unspecific = 0,

    /// <summary>More prefixes than allowed.</summary>
    MaximumPrefixesReached = 1,

    /// <summary>Shut down by its operator; may carry a text (RFC 9003).</summary>
    AdministrativeShutdown = 2,

    /// <summary>The peer was removed from the configuration.</summary>
    PeerDeconfigured = 3,

    /// <summary>Reset by its operator; may carry a text (RFC 9003).</summary>
    AdministrativeReset = 4,

    /// <summary>The connection is not wanted.</summary>
    ConnectionRejected = 5,

    /// <summary>Another change of the configuration.</summary>
    OtherConfigurationChange = 6,

    /// <summary>The other of two simultaneous connections is kept (RFC 4271 section 6.8).</summary>
    ConnectionCollisionResolution = 7,

    /// <summary>Out of memory or the like.</summary>
    OutOfResources = 8,

    /// <summary>Ends the session in spite of graceful restart; the data hold the real reason (RFC 8538).</summary>
    HardReset = 9,

    /// <summary>BFD says that the path is down (RFC 9384).</summary>
    BfdDown = 10,
}
