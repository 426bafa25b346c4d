using System.Globalization;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>What operators are told: the fact, the numbers of both sides, and where to look.</summary>
internal static class BgpSessionWords
{
    public static string ConnectFailed(BgpSessionConfig config, BgpStreamFailure failure, string reason)
    {
        var key = config.KeyHandle.Length == 0
            ? "or it wants a password and none is configured"
            : "or its MD5 key differs from the password";
        return failure switch
        {
            BgpStreamFailure.Refused =>
                $"peer refuses or MD5 key differs: connection to {Target(config)} refused; nobody listens there, or not to this node: " +
                "check the address and the port, and that the peer has this node as a neighbour",
            BgpStreamFailure.TimedOut =>
                $"peer refuses or MD5 key differs: no answer from {Target(config)}; it is unreachable or filtered, {key}: " +
                "check the way to it, and the password at both ends",
            BgpStreamFailure.Unreachable => $"no route to {Target(config)}: {reason}",
            BgpStreamFailure.NoSuchVrf =>
                $"there is no VRF {config.Vrf} on this node; correct spec.vrf, or have only nodes that have it hold the session",
            BgpStreamFailure.NoSuchSource =>
                $"the source address {config.Source} is not an address of this node; correct it, or have only nodes that own it hold " +
                "the session",
            _ => $"connection to {Target(config)} failed: {reason}",
        };
    }

    public static string Lost(BgpSessionState state, string how) => state switch
    {
        BgpSessionState.OpenSent => $"the peer {how} before it sent an OPEN; it may not know this node as a neighbour",
        BgpSessionState.OpenConfirm => $"the peer {how} before the session was established",
        _ => $"the peer {how}",
    };

    /// <summary>Why we sent a NOTIFICATION.</summary>
    public static string Sent(BgpSessionConfig config, BgpNotification notification, BgpOpen? peerOpen)
    {
        if (notification.Code == BgpErrorCode.OpenMessage && peerOpen is not null)
        {
            switch ((BgpOpenSubcode)notification.Subcode)
            {
                case BgpOpenSubcode.BadPeerAs:
                    return $"the peer is in AS {Number(peerOpen.Asn)}, and {Wanted(config)}; one of the two must be corrected";
                case BgpOpenSubcode.UnacceptableHoldTime:
                    return $"the peer offers a hold time of {Number(peerOpen.HoldTimeSeconds)} s, which must be 0 or at least 3 s";
                case BgpOpenSubcode.BadBgpIdentifier:
                    return
                        $"the peer's BGP identifier is 0 or our own ({Dotted(peerOpen.Identifier)}): one of both needs another router ID";
                case BgpOpenSubcode.UnsupportedVersionNumber:
                    return $"the peer speaks version {Number(peerOpen.Version)} of BGP";
                case BgpOpenSubcode.UnsupportedCapability:
                    return $"the peer speaks none of the families of this session ({Families(config)})";
            }
        }
        return notification.Code switch
        {
            BgpErrorCode.HoldTimerExpired when peerOpen is null => "the peer accepted the connection and sent no OPEN",
            BgpErrorCode.HoldTimerExpired => "nothing was heard from the peer for the hold time",
            BgpErrorCode.SendHoldTimerExpired => "the peer has not read anything for the send hold time",
            _ => $"sent to the peer: {notification}",
        };
    }

    /// <summary>Why the peer sent a NOTIFICATION.</summary>
    public static string Received(BgpSessionConfig config, BgpNotification notification)
    {
        if (notification.Code == BgpErrorCode.OpenMessage)
        {
            switch ((BgpOpenSubcode)notification.Subcode)
            {
                case BgpOpenSubcode.BadPeerAs:
                    return
                        $"the peer does not accept our AS {Number(config.LocalAsn)}: {notification}; it has another one configured for us";
                case BgpOpenSubcode.UnacceptableHoldTime:
                    return
                        $"the peer does not accept our hold time of {Number(config.HoldTimeSeconds)} s: {notification}; make it longer";
                case BgpOpenSubcode.BadBgpIdentifier:
                    return $"the peer does not accept our router ID {Dotted(config.Identifier)}: {notification}";
            }
        }
        return $"the peer says: {notification}";
    }

    private static string Target(BgpSessionConfig config) => $"{config.Peer} port {Number((uint)config.Port)}";

    private static string Wanted(BgpSessionConfig config) => config.PeerAs switch
    {
        BgpPeerAs.Internal => $"must be in ours, {Number(config.LocalAsn)}",
        BgpPeerAs.External => $"must not be in ours, {Number(config.LocalAsn)}",
        _ => $"AS {Number(config.PeerAsn)} is configured",
    };

    private static string Families(BgpSessionConfig config) =>
        config is { IPv4Unicast: true, IPv6Unicast: true } ? "IPv4 and IPv6 unicast" : config.IPv4Unicast ? "IPv4 unicast" : "IPv6 unicast";

    private static string Dotted(uint identifier) => IpAddress.V4(identifier).ToString();

    private static string Number(uint value) => value.ToString(CultureInfo.InvariantCulture);
}
