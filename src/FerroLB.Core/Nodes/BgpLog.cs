using System.Globalization;
using FerroLB.Core.Config;
using FerroLB.Core.Status;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;

namespace FerroLB.Core.Nodes;

/// <summary>Every log line about BGP sessions.</summary>
internal static class BgpLog
{
    public static LogEvent Established(PeerConfig peer, BgpNegotiated negotiated, int routes) => new(
        LogLevel.Info, "BGP session established", Name(peer), Target(peer),
        new LogField("asn", negotiated.PeerAsn.ToString(CultureInfo.InvariantCulture)),
        new LogField("holdSeconds", negotiated.HoldTimeSeconds.ToString(CultureInfo.InvariantCulture)),
        new LogField("routes", routes.ToString(CultureInfo.InvariantCulture)));

    public static LogEvent Down(PeerConfig peer, BgpSessionError error) => new(
        error.Cause == BgpErrorCause.Stopped ? LogLevel.Info : LogLevel.Warn, "BGP session down", Name(peer), Target(peer),
        new LogField("reason", error.Text));

    public static LogEvent Failed(PeerConfig peer, BgpSessionError error) => new(
        LogLevel.Warn, "BGP session does not come up", Name(peer), Target(peer), new LogField("reason", error.Text));

    public static LogEvent Impossible(PeerConfig peer, string problem) => new(
        LogLevel.Warn, "BGP session cannot be held yet", Name(peer), Target(peer), new LogField("problem", problem));

    public static LogEvent CannotListen(BgpListenPoint point, string problem) => new(
        LogLevel.Error, "cannot listen for BGP peers", new LogField("at", point.ToString()), new LogField("problem", problem));

    public static LogEvent Refused(BgpCaller caller, string reason) => new(
        LogLevel.Warn, "BGP connection refused", new LogField("from", caller.From.ToString()),
        new LogField("to", caller.Local.ToString()), new LogField("reason", reason));

    public static LogEvent RouterFound(PeerConfig peer, LinkRouter router) => new(
        LogLevel.Info, "router found on interface", Name(peer), Target(peer), new LogField("router", router.Address.ToString()));

    public static LogEvent StateChanged(PeerConfig peer, BgpSessionState from, BgpSessionState to) => new(
        LogLevel.Debug, "BGP session changed its state", Name(peer), new LogField("from", from.ToString()),
        new LogField("to", to.ToString()));

    public static LogEvent BfdChanged(PeerConfig peer, BfdStateChange change) => new(
        change.IsFailure ? LogLevel.Warn : LogLevel.Info, change.To == BfdState.Up ? "BFD session up" : "BFD session changed its state",
        Name(peer), Target(peer), new LogField("from", change.From.ToString()), new LogField("to", change.To.ToString()),
        new LogField("diagnostic", change.Diagnostic.ToString()));

    private static LogField Name(PeerConfig peer) => new("peer", peer.Name);

    private static LogField Target(PeerConfig peer) => new("target", peer.Target);
}
