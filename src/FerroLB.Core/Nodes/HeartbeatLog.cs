using System;
using System.Globalization;
using FerroLB.Core.Status;
using FerroLB.Protocols.Heartbeat;

namespace FerroLB.Core.Nodes;

/// <summary>Every log line about heartbeats and the take-over of addresses.</summary>
internal static class HeartbeatLog
{
    /// <summary>The line for what the machine tells; null when there is nothing to say.</summary>
    public static LogEvent? Of(in HeartbeatOutput news, string interfaceName) => news switch
    {
        { Kind: HeartbeatOutputKind.PeerChanged, Peer: { Verdict: HeartbeatVerdict.Silent } peer } => new(
            LogLevel.Warn, "the heartbeats of a speaker stopped", new LogField("member", peer.Name), Milliseconds("ms", news.Span)),
        { Kind: HeartbeatOutputKind.PeerChanged, Peer: { Verdict: HeartbeatVerdict.Left } peer } => new(
            LogLevel.Info, "a speaker says that it ends", new LogField("member", peer.Name)),
        { Kind: HeartbeatOutputKind.PeerChanged, Peer: var peer } when news.Span > TimeSpan.Zero => new(
            LogLevel.Info, "a speaker whose heartbeats had stopped is heard again", new LogField("member", peer!.Name),
            Milliseconds("ms", news.Span)),
        { Kind: HeartbeatOutputKind.Accused } => new(
            LogLevel.Warn, "another speaker does not hear this one; its addresses are announced again",
            new LogField("member", news.By!), new LogField("interface", interfaceName)),
        { Kind: HeartbeatOutputKind.StoodStill } => new(
            LogLevel.Warn,
            "this process stood still so long that others may have taken its addresses; it answers for none until that is known",
            Milliseconds("ms", news.Span)),
        { Kind: HeartbeatOutputKind.Resumed } => new(LogLevel.Info, "this process answers for its addresses again"),
        { Kind: HeartbeatOutputKind.IncarnationRaised } => new(
            LogLevel.Info, "others remember a later start of this speaker; was the wall clock set back?"),
        { Kind: HeartbeatOutputKind.NameConflict } => new(
            LogLevel.Error, "heartbeats of another speaker bear this node's name. Is --node-name the same on two nodes?"),
        _ => null,
    };

    /// <summary>A Service came to this node because its owner fell silent.</summary>
    public static LogEvent TakenOver(ObjectKey service, string from) => new(
        LogLevel.Info, "this node took the Service over from a silent one",
        new LogField("service", service.ToString()), new LogField("from", from));

    /// <summary>Membership knows better than heartbeats.</summary>
    public static LogEvent Refuted(string name) => new(
        LogLevel.Warn, "a speaker whose heartbeats are not heard is alive; until they are heard again only membership judges it. " +
            "Does something on its way drop UDP on the port of the heartbeats?", new LogField("member", name));

    /// <summary>The name of a reason, as the label of a metric.</summary>
    public static string ReasonText(HeartbeatRefusal refusal) => refusal switch
    {
        HeartbeatRefusal.HopLimit => "hop_limit",
        HeartbeatRefusal.TooLong => "too_long",
        HeartbeatRefusal.Signature => "signature",
        HeartbeatRefusal.Version => "version",
        HeartbeatRefusal.Malformed => "malformed",
        HeartbeatRefusal.UnknownLink => "interface",
        HeartbeatRefusal.OwnName => "own_name",
        HeartbeatRefusal.OldIncarnation => "old_incarnation",
        HeartbeatRefusal.Replayed => "replayed",
        _ => "too_many_peers",
    };

    private static LogField Milliseconds(string name, TimeSpan span) =>
        new(name, span.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture));
}
