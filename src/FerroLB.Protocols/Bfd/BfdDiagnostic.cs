namespace FerroLB.Protocols.Bfd;

/// <summary>Why a session last changed its state, by its number on the wire (RFC 5880, 4.1).</summary>
public enum BfdDiagnostic : byte
{
    /// <summary>Nothing to report.</summary>
    None = 0,

    /// <summary>No control packet came for the detection time.</summary>
    ControlDetectionTimeExpired = 1,

    /// <summary>Echo packets stopped coming back.</summary>
    EchoFunctionFailed = 2,

    /// <summary>The other end said that it is down.</summary>
    NeighborSignaledSessionDown = 3,

    /// <summary>The forwarding plane was reset.</summary>
    ForwardingPlaneReset = 4,

    /// <summary>The path is down.</summary>
    PathDown = 5,

    /// <summary>A path joined to this one is down.</summary>
    ConcatenatedPathDown = 6,

    /// <summary>An operator wants it down.</summary>
    AdministrativelyDown = 7,

    /// <summary>A path joined to this one is down in the other direction.</summary>
    ReverseConcatenatedPathDown = 8,
}
