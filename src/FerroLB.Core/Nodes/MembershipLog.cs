using System.Globalization;
using FerroLB.Core.Status;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Core.Nodes;

/// <summary>Every log line about the membership of speakers.</summary>
public static class MembershipLog
{
    /// <summary>The line for what the membership machine tells; null when there is nothing to say.</summary>
    public static LogEvent? Of(GossipOutput told) => told switch
    {
        GossipOutput.MemberJoined(var member) => About(LogLevel.Info, "a speaker joined", member),
        GossipOutput.MemberUpdated(var member) => About(LogLevel.Debug, "a speaker changed what it states", member),
        GossipOutput.MemberCleared(var member) => About(LogLevel.Info, "a suspected speaker is alive", member),
        GossipOutput.MemberSuspected(var member, var from) => new(
            LogLevel.Info, "a speaker is suspected to have failed",
            new LogField("member", member.Name), new LogField("address", member.Address.ToString()), new LogField("from", from)),
        GossipOutput.MemberLeft(var member) => About(
            LogLevel.Info, member.State == GossipMemberState.Left ? "a speaker left" : "a speaker failed", member),
        GossipOutput.NameConflict(var member, var other) => new(
            LogLevel.Error, "two speakers claim one name; the known one stays. Is --node-name the same on two nodes?",
            new LogField("member", member.Name), new LogField("address", member.Address.ToString()),
            new LogField("other", other.ToString())),
        GossipOutput.JoinEnded(var joined, { Count: > 0 } failures) => new(
            LogLevel.Warn, "not every speaker could be joined",
            new LogField("joined", joined.ToString(CultureInfo.InvariantCulture)), new LogField("failures", string.Join("; ", failures))),
        GossipOutput.Report { Kind: GossipReport.Refuted or GossipReport.StoodStill } report =>
            new(LogLevel.Info, "membership", new LogField("report", report.Text)),
        GossipOutput.Report report => new(LogLevel.Warn, "membership", new LogField("report", report.Text)),
        _ => null,
    };

    /// <summary>Messages between speakers can be read and forged by everybody on their network.</summary>
    public static LogEvent NotSealed() => new(
        LogLevel.Warn, "messages between speakers are plain text: set a key with --ml-secret-key-path");

    internal static LogEvent ListFailed(string problem) => new(
        LogLevel.Warn, "the pods of the speakers could not be listed", new LogField("problem", problem));

    internal static LogEvent InterfacesStated() => new(
        LogLevel.Info, "every speaker states its interfaces: nodes that cannot reach an address leave it to others");

    internal static LogEvent InterfacesUnknown(string member) => new(
        LogLevel.Info, "a speaker does not state its interfaces, as those of MetalLB: nodes are elected without regard to interfaces",
        new LogField("member", member));

    internal static LogEvent Alone(int pods) => new(
        LogLevel.Warn, "no other speaker was met in time; elections begin without",
        new LogField("pods", pods.ToString(CultureInfo.InvariantCulture)));

    private static LogEvent About(LogLevel level, string message, GossipMember member) =>
        new(level, message, new LogField("member", member.Name), new LogField("address", member.Address.ToString()));
}
