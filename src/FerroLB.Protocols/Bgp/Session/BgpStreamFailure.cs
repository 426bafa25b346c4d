namespace FerroLB.Protocols.Bgp.Session;

/// <summary>In which way a connection failed, as far as it matters for what the operator is told.</summary>
public enum BgpStreamFailure : byte
{
    /// <summary>Another way.</summary>
    Other,

    /// <summary>The peer refused it: nobody listens, or not to us.</summary>
    Refused,

    /// <summary>Nobody answered in time.</summary>
    TimedOut,

    /// <summary>There is no route to the peer.</summary>
    Unreachable,

    /// <summary>The local address is not one of this node's.</summary>
    NoSuchSource,

    /// <summary>There is no VRF of that name on this node.</summary>
    NoSuchVrf,

    /// <summary>It was there and was reset.</summary>
    Reset,
}
