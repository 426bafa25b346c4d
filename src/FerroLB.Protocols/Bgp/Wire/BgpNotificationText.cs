namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>The names of error codes and subcodes in IANA's registry, for logs and statuses.</summary>
internal static class BgpNotificationText
{
    public static string Of(BgpErrorCode code, byte subcode)
    {
        var detail = code switch
        {
            BgpErrorCode.MessageHeader => Header((BgpHeaderSubcode)subcode),
            BgpErrorCode.OpenMessage => Open((BgpOpenSubcode)subcode),
            BgpErrorCode.UpdateMessage => Update((BgpUpdateSubcode)subcode),
            BgpErrorCode.FiniteStateMachine => Fsm((BgpFsmSubcode)subcode),
            BgpErrorCode.Cease => Cease((BgpCeaseSubcode)subcode),
            BgpErrorCode.RouteRefreshMessage when subcode == 1 => "Invalid Message Length",
            _ => null,
        };
        var name = Code(code);
        return detail is not null ? $"{name}/{detail}" : subcode == 0 ? name : $"{name}/subcode {subcode}";
    }

    private static string Code(BgpErrorCode code) => code switch
    {
        BgpErrorCode.MessageHeader => "Message Header Error",
        BgpErrorCode.OpenMessage => "OPEN Message Error",
        BgpErrorCode.UpdateMessage => "UPDATE Message Error",
        BgpErrorCode.HoldTimerExpired => "Hold Timer Expired",
        BgpErrorCode.FiniteStateMachine => "Finite State Machine Error",
        BgpErrorCode.Cease => "Cease",
        BgpErrorCode.RouteRefreshMessage => "ROUTE-REFRESH Message Error",
        BgpErrorCode.SendHoldTimerExpired => "Send Hold Timer Expired",
        _ => $"error code {(byte)code}",
    };

    private static string? Header(BgpHeaderSubcode subcode) => subcode switch
    {
        BgpHeaderSubcode.ConnectionNotSynchronized => "Connection Not Synchronized",
        BgpHeaderSubcode.BadMessageLength => "Bad Message Length",
        BgpHeaderSubcode.BadMessageType => "Bad Message Type",
        _ => null,
    };

    private static string? Open(BgpOpenSubcode subcode) => subcode switch
    {
        BgpOpenSubcode.UnsupportedVersionNumber => "Unsupported Version Number",
        BgpOpenSubcode.BadPeerAs => "Bad Peer AS",
        BgpOpenSubcode.BadBgpIdentifier => "Bad BGP Identifier",
        BgpOpenSubcode.UnsupportedOptionalParameter => "Unsupported Optional Parameter",
        BgpOpenSubcode.UnacceptableHoldTime => "Unacceptable Hold Time",
        BgpOpenSubcode.UnsupportedCapability => "Unsupported Capability",
        BgpOpenSubcode.RoleMismatch => "Role Mismatch",
        _ => null,
    };

    private static string? Update(BgpUpdateSubcode subcode) => subcode switch
    {
        BgpUpdateSubcode.MalformedAttributeList => "Malformed Attribute List",
        BgpUpdateSubcode.UnrecognizedWellKnownAttribute => "Unrecognized Well-known Attribute",
        BgpUpdateSubcode.MissingWellKnownAttribute => "Missing Well-known Attribute",
        BgpUpdateSubcode.AttributeFlagsError => "Attribute Flags Error",
        BgpUpdateSubcode.AttributeLengthError => "Attribute Length Error",
        BgpUpdateSubcode.InvalidOriginAttribute => "Invalid ORIGIN Attribute",
        BgpUpdateSubcode.InvalidNextHopAttribute => "Invalid NEXT_HOP Attribute",
        BgpUpdateSubcode.OptionalAttributeError => "Optional Attribute Error",
        BgpUpdateSubcode.InvalidNetworkField => "Invalid Network Field",
        BgpUpdateSubcode.MalformedAsPath => "Malformed AS_PATH",
        _ => null,
    };

    private static string? Fsm(BgpFsmSubcode subcode) => subcode switch
    {
        BgpFsmSubcode.UnexpectedInOpenSent => "Unexpected Message in OpenSent",
        BgpFsmSubcode.UnexpectedInOpenConfirm => "Unexpected Message in OpenConfirm",
        BgpFsmSubcode.UnexpectedInEstablished => "Unexpected Message in Established",
        _ => null,
    };

    private static string? Cease(BgpCeaseSubcode subcode) => subcode switch
    {
        BgpCeaseSubcode.MaximumPrefixesReached => "Maximum Number of Prefixes Reached",
        BgpCeaseSubcode.AdministrativeShutdown => "Administrative Shutdown",
        BgpCeaseSubcode.PeerDeconfigured => "Peer De-configured",
        BgpCeaseSubcode.AdministrativeReset => "Administrative Reset",
        BgpCeaseSubcode.ConnectionRejected => "Connection Rejected",
        BgpCeaseSubcode.OtherConfigurationChange => "Other Configuration Change",
        BgpCeaseSubcode.ConnectionCollisionResolution => "Connection Collision Resolution",
        BgpCeaseSubcode.OutOfResources => "Out of Resources",
        BgpCeaseSubcode.HardReset => "Hard Reset",
        BgpCeaseSubcode.BfdDown => "BFD Down",
        _ => null,
    };
}
