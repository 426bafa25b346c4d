using System;
using System.Collections.Generic;
using System.Globalization;
using FerroLB.Core.Certificates;
using FerroLB.Core.Kube;
using FerroLB.Core.Status;

namespace FerroLB.Core.Nodes;

/// <summary>Every log line about the webhook's certificates. None of them shows what is in the Secret.</summary>
public static class CertificateLog
{
    /// <summary>Something is made anew.</summary>
    public static LogEvent Ordered(ObjectKey secret, CertificateVerdict verdict) => new(
        verdict.IsDamaged ? LogLevel.Warn : LogLevel.Info, "webhook certificates are made",
        new LogField("secret", secret.ToString()), new LogField("reason", verdict.Reason),
        new LogField("authority", verdict.Need == CertificateNeed.Everything ? "new" : "kept"));

    /// <summary>What was made is in the Secret.</summary>
    public static LogEvent Stored(ObjectKey secret) => new(
        LogLevel.Info, "webhook certificates stored", new LogField("secret", secret.ToString()));

    /// <summary>Another replica was quicker; what it made will be used.</summary>
    public static LogEvent Outrun(ObjectKey secret) => new(
        LogLevel.Info, "webhook certificates were written by somebody else first", new LogField("secret", secret.ToString()));

    /// <summary>Keys could not be made, or not be stored.</summary>
    public static LogEvent Failed(ObjectKey secret, string problem) => new(
        LogLevel.Error, "webhook certificates could not be made or stored; it is tried again",
        new LogField("secret", secret.ToString()), new LogField("problem", problem));

    /// <summary>Calls are answered with this certificate from now on.</summary>
    public static LogEvent Served(IReadOnlyList<string> dnsNames, DateTimeOffset dueAt) => new(
        LogLevel.Info, "webhook serves with a certificate",
        new LogField("dnsName", dnsNames[0]),
        new LogField("renewedAt", dueAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));

    /// <summary>An object that registers webhooks believes the right authorities now.</summary>
    public static LogEvent Injected(KubeResource resource, string name, int authorities) => new(
        LogLevel.Info, "webhook authority written into the caBundle",
        new LogField("kind", resource.Kind), new LogField("name", name),
        new LogField("authorities", authorities.ToString(CultureInfo.InvariantCulture)));

    /// <summary>An object that registers webhooks could not be written.</summary>
    public static LogEvent InjectionFailed(KubeResource resource, string name, string problem) => new(
        LogLevel.Error, "webhook authority could not be written into the caBundle; it is tried again",
        new LogField("kind", resource.Kind), new LogField("name", name), new LogField("problem", problem));
}
