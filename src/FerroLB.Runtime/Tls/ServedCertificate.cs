using System;
using System.IO;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using FerroLB.Core.Certificates;
using FerroLB.Core.Status;

namespace FerroLB.Runtime.Tls;

/// <summary>
/// The certificate that a server shows to whoever connects next: given (<see cref="Use"/>), read from files, or made up. Files are looked
/// at again when somebody connects and the last look is <see cref="LookInterval"/> old; changed ones count from then on, unreadable ones do
/// not.
/// </summary>
public sealed class ServedCertificate
{
    /// <summary>How long a look at the files counts.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly string? _directory;
    private readonly string? _selfSignedName;
    private readonly Action<LogEvent> _writeLog;
    private SslStreamCertificateContext? _context;
    private (string Certificate, string Key) _files;
    private long _lookedAt;

    private ServedCertificate(string? directory, string? selfSignedName, Action<LogEvent> writeLog) =>
        (_directory, _selfSignedName, _writeLog) = (directory, selfSignedName, writeLog);

    /// <summary>None until one is given.</summary>
    public static ServedCertificate Given() => new(null, null, static _ => { });

    /// <summary>From tls.crt and tls.key of a directory.</summary>
    /// <exception cref="IOException">A file cannot be read, or they do not belong together; the message is for the user.</exception>
    public static ServedCertificate FromFiles(string directory, Action<LogEvent> writeLog)
    {
        var served = new ServedCertificate(directory, null, writeLog);
        served.Load();
        return served;
    }

    /// <summary>One that vouches for itself, made when the first client connects.</summary>
    public static ServedCertificate SelfSigned(string name) => new(null, name, static _ => { });

    /// <summary>Shows this certificate from now on.</summary>
    public void Use(CertificateBundle bundle)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        var context = Context(bundle.ServerCertificate, bundle.ServerKey);
        lock (_gate)
            _context = context;
    }

    /// <summary>The certificate to show now; null while there is none.</summary>
    public SslStreamCertificateContext? Current()
    {
        lock (_gate)
        {
            if (_selfSignedName is { } name)
                _context ??= SslStreamCertificateContext.Create(CertificateIssuer.MakeSelfSigned(name), null, offline: true);
            if (_directory is not null && Environment.TickCount64 - _lookedAt >= LookInterval.TotalMilliseconds)
                LookAgain();
            return _context;
        }
    }

    private void LookAgain()
    {
        _lookedAt = Environment.TickCount64;
        try
        {
            if (Load())
                _writeLog(new(LogLevel.Info, "certificate files read again", new LogField("directory", _directory!)));
        }
        catch (IOException e)
        {
            _writeLog(new(LogLevel.Warn, "changed certificate files cannot be used; the old ones stay", new LogField("error", e.Message)));
        }
    }

    /// <summary>
    /// Contents are compared, not times: a mounted Secret changes by the exchange of a link somewhere up the path. False when nothing
    /// changed.
    /// </summary>
    private bool Load()
    {
        var (certificate, key) = (Path.Combine(_directory!, "tls.crt"), Path.Combine(_directory!, "tls.key"));
        try
        {
            var files = (File.ReadAllText(certificate), File.ReadAllText(key));
            if (files == _files)
                return false;
            _context = Context(files.Item1, files.Item2);
            (_files, _lookedAt) = (files, Environment.TickCount64);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new IOException($"{certificate} and {key} cannot be used: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>The first certificate is the server's; any others of the text lead from it to an authority.</summary>
    private static SslStreamCertificateContext Context(string certificatePem, string keyPem)
    {
        var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(certificatePem);
        if (all.Count > 0)
            all.RemoveAt(0);
        return SslStreamCertificateContext.Create(certificate, all, offline: true);
    }
}
