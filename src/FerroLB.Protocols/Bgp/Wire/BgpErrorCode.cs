namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>The first octet of a NOTIFICATION (RFC 4271 section 4.5 and later).</summary>
public enum BgpErrorCode : byte
{
    /// <summary>A header that cannot be right; see <see cref="BgpHeaderSubcode"/>.</summary>
    MessageHeader = 1,

    /// <summary>An OPEN that is not acceptable; see <see cref="BgpOpenSubcode"/>.</summary>
    OpenMessage = 2,

    /// <summary>An UPDATE that cannot be processed; see <see cref="BgpUpdateSubcode"/>.</summary>
    UpdateMessage = 3,

    /// <summary>Nothing was heard for the hold time.</summary>
    HoldTimerExpired = 4,

    /// <summary>A message that the state does not allow; see <see cref="BgpFsmSubcode"/>.</summary>
    FiniteStateMachine = 5,

    /// <summary>The session ends without an error of the protocol; see <see cref="BgpCeaseSubcode"/>.</summary>
    Cease = 6,

    /// <summary>A ROUTE-REFRESH that cannot be right (RFC 7313); see <see cref="BgpRouteRefreshSubcode"/>.</summary>
    RouteRefreshMessage = 7,

    /// <summary>The peer took nothing from its socket for the send hold time (RFC 9687).</summary>
    SendHoldTimerExpired = 8,
}
