using System.Collections.Generic;
using System.CommandLine;
using FerroLB.Core.Status;
using FerroLB.Runtime.KubeHttp;
using FerroLB.Runtime.Telemetry;

namespace FerroLB.App.Commands;

/// <summary>What the controller and the speaker are both told.</summary>
/// <param name="Namespace">Where the custom resources live.</param>
/// <param name="PodName">The own pod; empty outside a cluster.</param>
/// <param name="LoadBalancerClass">Only Services of exactly this class; empty for those without class.</param>
/// <param name="MetricsPort">Port of /metrics; 0 for none.</param>
/// <param name="ProbePort">Port of /healthz and /readyz; 0 for none.</param>
/// <param name="LowestLevel">The lowest level logged.</param>
/// <param name="Tls">How servers speak TLS.</param>
/// <param name="KubeconfigPath">Names a kubeconfig file; empty to look in the usual places.</param>
internal sealed record NodeSettings(
    string Namespace,
    string PodName,
    string LoadBalancerClass,
    int MetricsPort,
    int ProbePort,
    LogLevel LowestLevel,
    TlsSettings Tls,
    string KubeconfigPath);

/// <summary>The flags that the controller and the speaker share.</summary>
internal sealed class NodeFlags
{
    private readonly Option<string> _namespace = Flags.Text(
        "--namespace", "METALLB_NAMESPACE", ServiceAccount.Namespace() ?? "",
        "Namespace of the pools, advertisements and other configuration. Required outside a pod.");

    private readonly Option<string> _podName = Flags.Text(
        "--pod-name", "METALLB_POD_NAME", "", "Name of this pod, for owner references. May be absent outside a cluster.");

    private readonly Option<string> _loadBalancerClass = Flags.Text(
        "--lb-class", null, "", "Handle only Services whose loadBalancerClass is this; by default those that have none.");

    private readonly Option<int> _metricsPort = Flags.Port(
        "--port", 9120, "Port of the Prometheus metrics at /metrics, over HTTPS; 0 for none.");

    private readonly Option<int> _probePort = Flags.Port(
        "--health-probe-port", 17472, "Port of /healthz and /readyz; 0 for none.");

    private readonly Option<string> _logLevel = Flags.Text("--log-level", null, "info", $"How much to log: {LogThreshold.Words}.");

    private readonly TlsFlags _tls = new();

    private readonly Option<string> _kubeconfig = Flags.Text(
        "--kubeconfig", null, "",
        "Kubeconfig file. By default the files named in KUBECONFIG, then the pod's service account, then ~/.kube/config.");

    /// <summary>Adds the flags to a command, first those that do something.</summary>
    public void AddTo(Command command)
    {
        _logLevel.Validators.Add(result =>
        {
            if (!LogThreshold.TryParse(result.GetValueOrDefault<string>(), out _))
                result.AddError($"--log-level takes one of {LogThreshold.Words}.");
        });
        foreach (var option in (Option[])[_kubeconfig, _namespace, _podName, _loadBalancerClass, _logLevel, _metricsPort, _probePort])
            command.Options.Add(option);
        _tls.AddTo(command);
    }

    /// <summary>Adds the flags that are accepted without effect.</summary>
    public static void AddAcceptedTo(Command command)
    {
        foreach (var option in AcceptedFlags())
            command.Options.Add(option);
    }

    /// <summary>Reads the flags.</summary>
    /// <exception cref="StartException">The namespace is not known.</exception>
    public NodeSettings Read(ParseResult arguments)
    {
        _ = LogThreshold.TryParse(arguments.GetValue(_logLevel), out var lowest);
        var space = arguments.GetValue(_namespace)!;
        if (space.Length == 0)
            throw new StartException(2, "the configuration's namespace is not known. Name it with --namespace or in METALLB_NAMESPACE.");
        return new(
            space,
            arguments.GetValue(_podName)!,
            arguments.GetValue(_loadBalancerClass)!,
            arguments.GetValue(_metricsPort),
            arguments.GetValue(_probePort),
            lowest,
            _tls.Read(arguments),
            arguments.GetValue(_kubeconfig)!);
    }

    private static IEnumerable<Option> AcceptedFlags() =>
    [
        Flags.Accepted("--pprof-bind-address", null, "there is no Go profiler."),
    ];
}
