using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;
using Xunit;

namespace FerroLB.Interop.Controller;

/// <summary>The command line of MetalLB's controller starts this one too.</summary>
public sealed class ControllerFlagTests
{
    private static readonly string[] FlagsOfMetalLB =
    [
        "port=9120", "namespace=metallb-system", "pod-name=controller-1", "log-level=info", "pprof-bind-address=127.0.0.1:6060",
        "health-probe-port=17472", "lb-class=example.com/lb", "tls-min-version=VersionTLS12",
        "tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "tls-curve-preferences=29,23", "metrics-cert-dir=/tmp/none",
        "ml-secret-name=memberlist", "deployment=controller", "disable-cert-rotation=true", "cert-dir=/tmp/none",
        "cert-service-name=metallb-webhook-service", "webhook-mode=enabled", "webhook-secret=metallb-webhook-cert", "webhook-http2=true",
    ];

    [Theory]
    [InlineData("-")]
    [InlineData("--")]
    public async Task Every_flag_of_MetalLB_is_taken(string hyphens)
    {
        var (exitCode, said) = await RunAsync([], [.. FlagsOfMetalLB.Select(flag => hyphens + flag)]);
        AssertStoppedByKubeconfig(exitCode, said);
    }

    [Theory]
    [InlineData("native")]
    [InlineData("frr")]
    [InlineData("frr-k8s")]
    [InlineData("")]
    public async Task Every_variable_of_MetalLB_is_taken(string mode)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["METALLB_BGP_TYPE"] = mode,
            ["METALLB_NAMESPACE"] = "metallb-system",
            ["METALLB_POD_NAME"] = "controller-1",
            ["METALLB_ML_SECRET_NAME"] = "memberlist",
            ["METALLB_DEPLOYMENT"] = "controller",
        };
        var (exitCode, said) = await RunAsync(variables, []);
        AssertStoppedByKubeconfig(exitCode, said);
    }

    [Theory]
    [InlineData("namespace", "METALLB_NAMESPACE", "")]
    [InlineData("pod-name", "METALLB_POD_NAME", "")]
    [InlineData("ml-secret-name", "METALLB_ML_SECRET_NAME", "")]
    [InlineData("deployment", "METALLB_DEPLOYMENT", "")]
    [InlineData("port", "", "9120")]
    [InlineData("health-probe-port", "", "17472")]
    [InlineData("log-level", "", "info")]
    [InlineData("webhook-mode", "", "enabled")]
    [InlineData("webhook-secret", "", "metallb-webhook-cert")]
    [InlineData("cert-service-name", "", "metallb-webhook-service")]
    [InlineData("cert-dir", "", "/tmp/k8s-webhook-server/serving-certs")]
    public async Task Help_names_the_variable_or_the_default(string flag, string variable, string value)
    {
        var (exitCode, help) = await RunAsync([], ["--help"]);
        Assert.Equal(0, exitCode);
        var line = Assert.Single(help.Split('\n'), text => text.TrimStart().StartsWith($"--{flag} ", StringComparison.Ordinal));
        Assert.Contains(variable.Length > 0 ? $"[{variable}]" : $"[default: {value}]", line);
    }

    [Fact]
    public async Task Without_a_namespace_one_line_says_how_to_give_it()
    {
        var (exitCode, said) = await RunAsync([], []);
        Assert.Equal(2, exitCode);
        Assert.Contains("--namespace", said);
    }

    [Theory]
    [InlineData("--webhook-mode=on", 1)]
    [InlineData("--log-level=loud", 2)]
    [InlineData("--port=70000", 2)]
    [InlineData("--tls-min-version=VersionTLS11", 1)]
    [InlineData("--no-such-flag=1", 2)]
    public async Task Wrong_flag_is_named_and_ends_the_process(string flag, int code)
    {
        var (exitCode, said) = await RunAsync([], ["--namespace", "metallb-system", flag]);
        Assert.Equal(code, exitCode);
        Assert.Contains(flag.Split('=')[0], said);
    }

    /// <summary>Everything before the kubeconfig was taken: it is the first thing that is looked at.</summary>
    private static void AssertStoppedByKubeconfig(int exitCode, string said)
    {
        Assert.Equal(2, exitCode);
        Assert.Contains("no-such-kubeconfig", said);
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(SortedDictionary<string, string> variables, string[] flags)
    {
        var home = Path.Combine(Path.GetTempPath(), "flb-flags-" + Path.GetRandomFileName());
        variables["HOME"] = home;
        variables["KUBECONFIG"] = Path.Combine(home, "no-such-kubeconfig");
        CommandResult result = await CommandResult.RunAsync(Shell.Ferrolb, ["controller", .. flags], variables);
        return (result.ExitCode, result.Output + result.Errors);
    }
}
