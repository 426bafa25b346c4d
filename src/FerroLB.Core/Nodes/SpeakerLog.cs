using System.Collections.Generic;
using System.Globalization;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>Every log line of a speaker's control loop.</summary>
internal static class SpeakerLog
{
    public static LogEvent Synced(int services) => new(
        LogLevel.Info, "read everything once; elections begin", new LogField("services", services.ToString(CultureInfo.InvariantCulture)));

    public static LogEvent Announcing(ObjectKey service, IEnumerable<IpAddress> addresses) => new(
        LogLevel.Info, "this node announces the Service by layer 2",
        new LogField("service", service.ToString()), new LogField("ips", string.Join(',', addresses)));

    public static LogEvent Retracted(ObjectKey service, string reason, string? owner) => new(
        LogLevel.Info, "this node no longer announces the Service",
        new LogField("service", service.ToString()), new LogField("reason", reason), new LogField("owner", owner ?? ""));

    public static LogEvent Advertising(ObjectKey service, IEnumerable<IpAddress> addresses) => new(
        LogLevel.Info, "this node advertises the Service by BGP",
        new LogField("service", service.ToString()), new LogField("ips", string.Join(',', addresses)));

    public static LogEvent NotAdvertised(ObjectKey service) => new(
        LogLevel.Info, "this node no longer advertises the Service by BGP", new LogField("service", service.ToString()));

    public static LogEvent AnnounceFailed(ObjectKey service, string problem) => new(
        LogLevel.Warn, "this node should announce the Service and cannot",
        new LogField("service", service.ToString()), new LogField("problem", problem));

    public static LogEvent WriteFailed(string target, WriteResult result, string problem) => new(
        LogLevel.Warn, "an object could not be written",
        new LogField("target", target), new LogField("result", result.ToString()), new LogField("problem", problem));

    public static LogEvent NoOwnPod(string pod, int status) => new(
        LogLevel.Warn, "cannot read the own pod; what the speaker writes has no owner",
        new LogField("pod", pod), new LogField("status", status.ToString(CultureInfo.InvariantCulture)));

    public static LogEvent ShuttingDown(int services) => new(
        LogLevel.Info,
        "shutting down; handing over to the other nodes",
        new LogField("services", services.ToString(CultureInfo.InvariantCulture)));
}
