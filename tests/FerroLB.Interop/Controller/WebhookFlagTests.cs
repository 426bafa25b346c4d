using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;
using FerroLB.Tests;
using Xunit;

namespace FerroLB.Interop.Controller;

/// <summary>The flags about webhooks and TLS, as far as they can be wrong.</summary>
public sealed class WebhookFlagTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("ferrolb-").FullName;

    public void Dispose() => Directory.Delete(_home, true);

    [Theory]
    [InlineData("--webhook-mode is \"on\"; it takes enabled, disabled or onlywebhook.", "--webhook-mode=on")]
    [InlineData("--webhook-port is 0", "--webhook-port", "0")]
    [InlineData("--tls-min-version is \"1.2\"", "--tls-min-version=1.2")]
    [InlineData("add --tls-min-version=VersionTLS12", "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")]
    [InlineData("--tls-curve-preferences holds 29 twice", "-tls-curve-preferences=29,29")]
    [InlineData("tls.crt", "--disable-cert-rotation", "--cert-dir=/nonexistent")]
    [InlineData("tls.crt", "--webhook-mode=disabled", "--metrics-cert-dir=/nonexistent")]
    public async Task What_has_no_meaning_ends_with_one_line_and_exit_code_1(string words, params string[] flags)
    {
        var result = await RunAsync(["--port", Port(), .. flags]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(words, Assert.Single(result.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_that_is_taken_is_named()
    {
        using var other = new TcpListener(IPAddress.Any, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var result = await RunAsync("--port", "0", "--webhook-port", port);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"webhooks cannot use port {port}", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_says_what_cannot_be_honoured()
    {
        var result = await RunAsync("--help");
        Assert.Contains("without effect: .NET lets OpenSSL choose the curve", OneLine(result.Output), StringComparison.Ordinal);
        Assert.Contains("onlywebhook", result.Output, StringComparison.Ordinal);
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Port() => FreePort.Next().ToString(CultureInfo.InvariantCulture);

    private Task<CommandResult> RunAsync(params string[] flags)
    {
        var kubeconfig = Path.Combine(_home, "kubeconfig");
        File.WriteAllText(kubeconfig, """
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}]
            users: [{name: u, user: {token: t}}]
            """);
        return CommandResult.RunAsync(
            Shell.Ferrolb,
            ["controller", "--kubeconfig", kubeconfig, "--namespace", "metallb-system", "--health-probe-port", "0", .. flags],
            new SortedDictionary<string, string>());
    }
}
