using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>The command line of MetalLB's speaker starts this one too.</summary>
public sealed class SpeakerFlagTests : IDisposable
{
    private static readonly string[] FlagsOfMetalLB =
    [
        "namespace=metallb-system", "node-name=node-1", "pod-name=speaker-1", "host=192.0.2.1", "port=9120", "health-probe-port=17472",
        "pprof-bind-address=127.0.0.1:6060", "log-level=info", "lb-class=example.com/lb", "ignore-exclude-lb=true",
        "ml-bindaddr=192.0.2.1", "ml-bindport=7946", "ml-labels=app=metallb,component=speaker", "ml-wan-config=true",
        "bgp-debounce-timeout=3000", "frrk8s-namespace=frr-k8s-system", "frrk8s-secret-passthrough=true", "tls-min-version=VersionTLS12",
        "tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "tls-curve-preferences=29,23", "metrics-cert-dir=/tmp/none",
    ];

    private static readonly string[] VariablesOfMetalLB =
    [
        "METALLB_NAMESPACE=metallb-system", "METALLB_NODE_NAME=node-1", "METALLB_POD_NAME=speaker-1", "METALLB_HOST=192.0.2.1",
        "METALLB_ML_BIND_ADDR=192.0.2.1", "METALLB_ML_BIND_PORT=7946", "METALLB_ML_LABELS=app=metallb,component=speaker",
        "METALLB_BGP_DEBOUNCE_TIMEOUT=3000", "FRRK8S_NAMESPACE=frr-k8s-system", "FRR_CONFIG_FILE=/etc/frr_reloader/frr.conf",
        "FRR_RELOADER_PID_FILE=/etc/frr_reloader/reloader.pid", "FRR_LOGGING_LEVEL=debug",
    ];

    private readonly TestLan _lan = new("node-1");

    public void Dispose() => _lan.Dispose();

    [Theory]
    [InlineData("-")]
    [InlineData("--")]
    public void Every_flag_of_MetalLB_is_taken(string hyphens) =>
        AssertStoppedByKubeconfig(Speaker([], [.. FlagsOfMetalLB.Select(flag => hyphens + flag)]));

    [Theory]
    [InlineData("native")]
    [InlineData("frr")]
    [InlineData("frr-k8s")]
    [InlineData("")]
    public void Every_variable_of_MetalLB_is_taken(string mode) =>
        AssertStoppedByKubeconfig(Speaker([$"METALLB_BGP_TYPE={mode}", .. VariablesOfMetalLB]));

    [Theory]
    [InlineData("namespace", "METALLB_NAMESPACE", "")]
    [InlineData("node-name", "METALLB_NODE_NAME", "")]
    [InlineData("pod-name", "METALLB_POD_NAME", "")]
    [InlineData("ml-bindaddr", "METALLB_ML_BIND_ADDR", "")]
    [InlineData("ml-bindport", "METALLB_ML_BIND_PORT", "")]
    [InlineData("ml-labels", "METALLB_ML_LABELS", "")]
    [InlineData("ml-secret-key-path", "METALLB_ML_SECRET_KEY_PATH", "")]
    [InlineData("port", "", "9120")]
    [InlineData("health-probe-port", "", "17472")]
    [InlineData("log-level", "", "info")]
    [InlineData("gratuitous-arp-interval", "", "60s")]
    [InlineData("heartbeat-interval", "", "100ms")]
    [InlineData("heartbeat-port", "", "7947")]
    public void Help_names_the_variable_or_the_default(string flag, string variable, string value)
    {
        var (exitCode, help) = _lan.Try("node-1", Shell.Ferrolb, "speaker", "--help");
        Assert.Equal(0, exitCode);
        var line = Assert.Single(help.Split('\n'), text => text.TrimStart().StartsWith($"--{flag} ", StringComparison.Ordinal));
        Assert.Contains(variable.Length > 0 ? $"[{variable}]" : $"[default: {value}]", line, StringComparison.Ordinal);
    }

    /// <summary>Everything before the kubeconfig was taken: it is the first thing that is looked at.</summary>
    private static void AssertStoppedByKubeconfig((int ExitCode, string Said) result)
    {
        Assert.Equal(2, result.ExitCode);
        var line = Assert.Single(result.Said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("no-such-kubeconfig", line, StringComparison.Ordinal);
    }

    private (int ExitCode, string Said) Speaker(IEnumerable<string> variables, params string[] flags)
    {
        var kubeconfig = Path.Combine(_lan.Directory, "no-such-kubeconfig");
        return _lan.Try("node-1", "env", [.. variables, Shell.Ferrolb, "speaker", .. flags, "--kubeconfig", kubeconfig]);
    }
}
