using System;
using System.CommandLine;
using System.IO;
using FerroLB.Core.Status;
using FerroLB.Runtime.Tls;

namespace FerroLB.App.Commands;

/// <summary>How servers speak TLS, and how metrics are served.</summary>
/// <param name="Terms">How to speak TLS.</param>
/// <param name="MetricsDirectory">Where the metrics' certificate is; "" for one that vouches for itself.</param>
/// <param name="IsMetricsPlain">Whether metrics are served over plain HTTP.</param>
internal sealed record TlsSettings(TlsTerms Terms, string MetricsDirectory, bool IsMetricsPlain)
{
    /// <summary>What the metrics' server shows; null for plain HTTP.</summary>
    /// <exception cref="StartException">The files cannot be used.</exception>
    public ServedCertificate? MetricsCertificate(Action<LogEvent> writeLog) =>
        IsMetricsPlain ? null
        : MetricsDirectory.Length == 0 ? ServedCertificate.SelfSigned("localhost")
        : TlsFlags.FromFiles(MetricsDirectory, "--metrics-cert-dir", writeLog);
}

/// <summary>The flags about TLS that the controller and the speaker share.</summary>
internal sealed class TlsFlags
{
    private readonly Option<string> _minimum = Flags.Text(
        "--tls-min-version", null, "", "Oldest version of TLS that is spoken: VersionTLS13, the default, or VersionTLS12.");

    private readonly Option<string> _cipherSuites = Flags.Text(
        "--tls-cipher-suites", null, "",
        "Cipher suites for TLS 1.2 by their IANA names, with commas between; by default all good ones. Only with VersionTLS12: the " +
        "three suites of TLS 1.3 are always there.");

    private readonly Option<string> _curves = Flags.Text(
        "--tls-curve-preferences", null, "",
        "Numbers of curves with commas between, for example 29,23. Checked, but without effect: .NET lets OpenSSL choose the curve.");

    private readonly Option<string> _metricsDirectory = Flags.Text(
        "--metrics-cert-dir", null, "",
        "Directory with tls.crt and tls.key for the metrics, read again when they change; by default the metrics' certificate vouches " +
        "for itself.");

    private readonly Option<bool> _isPlain = Flags.Switch(
        "--metrics-plain-http", "Serve metrics over plain HTTP to everybody, and do not ask the cluster who may read them.");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_isPlain, _metricsDirectory, _minimum, _cipherSuites, _curves])
            command.Options.Add(option);
    }

    /// <summary>Reads the flags.</summary>
    /// <exception cref="StartException">A flag has no meaning.</exception>
    public TlsSettings Read(ParseResult arguments)
    {
        var terms = TlsTerms.Parse(
            arguments.GetValue(_minimum)!, arguments.GetValue(_cipherSuites)!, arguments.GetValue(_curves)!, out var problem);
        return problem is null
            ? new(terms, arguments.GetValue(_metricsDirectory)!, arguments.GetValue(_isPlain))
            : throw new StartException(1, problem);
    }

    /// <summary>Reads certificate files that a flag names.</summary>
    /// <exception cref="StartException">The files cannot be used.</exception>
    public static ServedCertificate FromFiles(string directory, string flag, Action<LogEvent> writeLog)
    {
        try
        {
            return ServedCertificate.FromFiles(directory, writeLog);
        }
        catch (IOException e)
        {
            throw new StartException(1, $"{e.Message} Name a directory that holds both with {flag}.");
        }
    }
}
