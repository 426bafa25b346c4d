using System;
using System.Globalization;
using FerroLB.Core.Status;

namespace FerroLB.Core.Nodes;

/// <summary>Every log line of the controller.</summary>
public static class ControllerLog
{
    /// <summary>The controller begins; nothing is written until every kind was read.</summary>
    public static LogEvent Starting(ControllerOptions options) => new(
        LogLevel.Info, "controller starting",
        new LogField("namespace", options.Namespace), new LogField("lbClass", options.LoadBalancerClass));

    /// <summary>Everything was read, and what was assigned already was taken over.</summary>
    public static LogEvent Adopted(int services, int adopted) => new(
        LogLevel.Info, "took over the addresses that Services have already",
        new LogField("services", Number(services)), new LogField("adopted", Number(adopted)));

    /// <summary>What was decided about a Service, when it is something new.</summary>
    public static LogEvent Decided(ObjectKey service, ServiceOutcome outcome) => new(
        outcome.Statement is { Holds: false } ? LogLevel.Warn : LogLevel.Info,
        outcome.Addresses.IsEmpty ? "service has no address" : "service has addresses",
        new LogField("service", service.ToString()), new LogField("ips", string.Join(",", outcome.Addresses)),
        new LogField("reason", outcome.Statement?.Reason ?? "NotLoadBalanced"), new LogField("message", outcome.Statement?.Message ?? ""));

    /// <summary>The API server refused a write; it is tried again later.</summary>
    public static LogEvent WriteFailed(string kind, ObjectKey key, int statusCode, string problem) => new(
        LogLevel.Error, "the API server refused a write; it is tried again",
        new LogField("kind", kind), new LogField("object", key.ToString()),
        new LogField("status", Number(statusCode)), new LogField("problem", problem));

    /// <summary>No write of an earlier leader can succeed any more.</summary>
    public static LogEvent Fenced(int marked) => new(
        LogLevel.Info, "fenced the writes of the leader before", new LogField("services", Number(marked)));

    /// <summary>The server does not let us mark a Service; it is left out.</summary>
    public static LogEvent MarkRefused(ObjectKey key, int statusCode, string problem) => new(
        LogLevel.Error, "the API server refuses any change of a Service's status; it is left out of the fence",
        new LogField("service", key.ToString()), new LogField("status", Number(statusCode)), new LogField("problem", problem));

    /// <summary>Services show that there was a leader, and no Lease tells what became of it.</summary>
    public static LogEvent WaitingForUnknownLeader(TimeSpan patience) => new(
        LogLevel.Warn, "an earlier controller left traces but no Lease; waiting until it must have noticed this one",
        new LogField("seconds", patience.TotalSeconds.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The Pod that the controller runs in cannot be read.</summary>
    public static LogEvent NoOwnPod(string name, int statusCode) => new(
        LogLevel.Warn, "cannot read the own pod; what the controller writes has no owner",
        new LogField("pod", name), new LogField("status", Number(statusCode)));

    /// <summary>The speakers' key was made.</summary>
    public static LogEvent MemberlistCreated(ObjectKey secret) => new(
        LogLevel.Info, "created the memberlist secret", new LogField("secret", secret.ToString()));

    /// <summary>The speakers' key could not be made.</summary>
    public static LogEvent MemberlistFailed(ObjectKey secret, string problem) => new(
        LogLevel.Error, "the memberlist secret cannot be created, and speakers that need it cannot start; attempts go on",
        new LogField("secret", secret.ToString()), new LogField("problem", problem));

    /// <summary>The controller ends.</summary>
    public static LogEvent Stopping(int writesLeft) => new(
        LogLevel.Info, "controller stopping", new LogField("writesInFlight", Number(writesLeft)));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
