using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.App.Commands;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Gossip;
using FerroLB.Runtime.KubeHttp;
using FerroLB.Runtime.Linux;
using FerroLB.Runtime.Loop;
using FerroLB.Runtime.Telemetry;
using FerroLB.Runtime.Tls;
using FerroLB.Runtime.Webhook;

namespace FerroLB.App;

/// <summary>
/// Puts a controller or a speaker together and runs it to its end: log, metrics and probes, the Kubernetes client, the node's loop and,
/// for a speaker, the link loop; then waits for SIGTERM or for a loop that broke.
/// </summary>
internal sealed class NodeProcess : IDisposable
{
    private static readonly TimeSpan ShutdownDeadline = TimeSpan.FromSeconds(5);

    private readonly string _name;
    private readonly NodeSettings _settings;
    private readonly KubeAccess _access;
    private readonly JsonLog _log;
    private readonly MetricRegistry _metrics = new();
    private Timer? _late;

    /// <summary>Prepares a process.</summary>
    /// <param name="name">The command's name, "controller" or "speaker".</param>
    /// <param name="settings">What both are told.</param>
    /// <exception cref="StartException">The way to Kubernetes is not known.</exception>
    public NodeProcess(string name, NodeSettings settings)
    {
        _name = name;
        _settings = settings;
        try
        {
            _access = KubeAccessReader.Read(settings.KubeconfigPath);
        }
        catch (KubeAccessException e)
        {
            throw new StartException(2, e.Message);
        }
        _log = new(Console.OpenStandardOutput(), name, settings.LowestLevel);
    }

    /// <summary>The version of this build.</summary>
    private static string Version { get; } = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    /// <summary>Draws the one seed of all randomness of a node.</summary>
    public static ulong DrawSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Writes a log line.</summary>
    public void WriteLog(LogEvent line) => _log.Write(line);

    /// <summary>Runs until the end; the exit code.</summary>
    /// <param name="node">The node's machine.</param>
    /// <param name="readSnapshot">Reads its Snapshot.</param>
    /// <param name="links">The machine of the link loop; null for a controller.</param>
    /// <param name="probeAddress">Where the probes listen.</param>
    /// <param name="webhooks">How webhooks are served; null for a speaker.</param>
    /// <param name="membership">How the members are found; null without membership.</param>
    /// <param name="heartbeats">How heartbeats are sent; null for not at all.</param>
    /// <param name="bgpNode">The name of the node whose peers are spoken with; null for a controller.</param>
    /// <exception cref="StartException">A port is taken, or a certificate cannot be used.</exception>
    public async Task<int> RunAsync<TSnapshot>(
        IMachine<NodeInput, NodeOutput> node,
        Func<TSnapshot> readSnapshot,
        IMachine<LinkInput, LinkOutput>? links,
        IPAddress probeAddress,
        WebhookSettings? webhooks = null,
        GossipLoopOptions? membership = null,
        HeartbeatSettings? heartbeats = null,
        string? bgpNode = null)
        where TSnapshot : class
    {
        NodeLoop<TSnapshot> loop = null!;
        using var members = membership is null ? null : new MembershipRun(membership, _log.Write, picture => loop.Report(picture));
        using var kube = new KubeHttpClient(_access, $"ferrolb-{_name}/{Version}", (input, stop) => loop.PostAsync(input, stop));
        using var link = links is null ? null : MakeLinkLoop(links, report => loop.Report(report), heartbeats?.Loop);
        using var bgp = bgpNode is null ? null : new BgpRun(bgpNode, _log.Write, _metrics.Apply, sessions => loop.Report(sessions));
        var webhook = MakeWebhook(webhooks, (input, stop) => loop.PostAsync(input, stop));
        Action<NodeOutput>? serve = webhook is null ? null : webhook.Execute;
        var executor = new NodeExecutor(
            kube, _log.Write, _metrics.Apply, link is null ? null : link.Command, serve, members is null ? null : members.Wish,
            bgp is null ? null : bgp.Command);
        loop = new(node, readSnapshot, executor.Execute);
        // The others take a speaker for dead that misses its heartbeats, or its packets of BFD.
        var isUnhurried = heartbeats is null || heartbeats.Config.Interval >= HeapTrim.Pause;
        using var trim = new HeapTrim(() => isUnhurried && bgp is not { IsWatchedClosely: true });
        trim.Start();
        LogStart();
        link?.Start();
        members?.Start();
        loop.Start();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, loop));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => End(signal, loop));
        try
        {
            var server = await ListenAsync(probeAddress, kube, webhook, webhooks?.Port ?? 0).ConfigureAwait(false);
            await using var _ = server.ConfigureAwait(false);
            var end = await EndAsync(loop.Completion, link, members, bgp).ConfigureAwait(false);
            if (end.Reason is { } reason)
                _log.Write(new(LogLevel.Error, "ended because of a defect; please report it", new LogField("error", reason)));
            return end.ExitCode;
        }
        finally
        {
            if (webhook is not null)
                await webhook.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _late?.Dispose();
        _log.Dispose();
        _access.Dispose();
    }

    private void End<TSnapshot>(PosixSignalContext signal, NodeLoop<TSnapshot> loop)
        where TSnapshot : class
    {
        signal.Cancel = true;
        _log.Write(new(LogLevel.Info, "shutting down", new LogField("signal", signal.Signal.ToString())));
        loop.RequestShutdown();
        _late ??= new(_ => EndLate(), null, ShutdownDeadline, Timeout.InfiniteTimeSpan);
    }

    private void LogStart() => _log.Write(new(
        LogLevel.Info,
        "starting",
        new LogField("version", Version),
        new LogField("cluster", _access.Server.ToString()),
        new LogField("from", _access.Origin)));

    private void EndLate()
    {
        var seconds = ShutdownDeadline.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        _log.Write(new(LogLevel.Warn, "the shutdown did not complete in time", new LogField("seconds", seconds)));
        _log.Dispose();
        Environment.Exit(0);
    }

    private static async Task<LoopEnd> EndAsync(Task<LoopEnd> node, LinkLoop? link, MembershipRun? members, BgpRun? bgp)
    {
        var first = await Task.WhenAny(node, link?.Completion ?? node, members?.Completion ?? node, bgp?.Broken ?? node)
            .ConfigureAwait(false);
        var end = await first.ConfigureAwait(false);
        if (link is not null && first == node)
        {
            link.Stop();
            await link.Completion.ConfigureAwait(false);
        }
        if (bgp is not null && first == node)
            await bgp.FarewellAsync().ConfigureAwait(false);
        if (members is not null && first == node)
            await members.FarewellAsync().ConfigureAwait(false);
        return end;
    }

    private LinkLoop MakeLinkLoop(
        IMachine<LinkInput, LinkOutput> machine, Action<LinkReport> report, LinkHeartbeatOptions? heartbeats)
    {
        try
        {
            return new(machine, report, _log.Write, _metrics.Apply, heartbeats);
        }
        catch (LinuxException e)
        {
            throw new StartException(
                1,
                $"cannot speak on the LAN: {e.Message}. If a port is taken, choose another with --heartbeat-port, the same on all nodes.");
        }
    }

    private WebhookServer? MakeWebhook(WebhookSettings? settings, Func<NodeInput, CancellationToken, ValueTask> post)
    {
        if (settings is not { IsServing: true })
            return null;
        var certificate = settings.Directory is { } directory
            ? TlsFlags.FromFiles(directory, "--cert-dir", _log.Write)
            : ServedCertificate.Given();
        return new(new(settings.Port, certificate, _settings.Tls.Terms, settings.IsHttp2), post);
    }

    private async Task<TelemetryServer> ListenAsync(IPAddress probeAddress, KubeHttpClient kube, WebhookServer? webhook, int webhookPort)
    {
        var endpoint = new MetricsEndpoint(
            _settings.MetricsPort, _settings.Tls.MetricsCertificate(_log.Write), _settings.Tls.Terms, kube.AskAsync);
        try
        {
            if (webhook is not null)
                await webhook.ListenAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            var port = webhookPort.ToString(CultureInfo.InvariantCulture);
            throw new StartException(1, $"webhooks cannot use port {port}: {e.Message} Choose another with --webhook-port.");
        }
        try
        {
            return await TelemetryServer.StartAsync(_metrics, endpoint, probeAddress, _settings.ProbePort).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new StartException(1, $"{e.Message} Choose other ports with --port and --health-probe-port.");
        }
    }
}
