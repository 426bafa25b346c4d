using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;
using FerroLB.Tests;

namespace FerroLB.Interop.Controller;

/// <summary>One real `ferrolb controller` process beside an API server, with the permissions of its manifests and no more.</summary>
internal sealed class ControllerProcess(ServerProcess server, string name) : IAsyncDisposable
{
    public const string Namespace = "metallb-system";

    private readonly ConcurrentQueue<string> _log = new();
    private Process? _process;

    /// <summary>Where its webhooks listen.</summary>
    public int WebhookPort { get; init; } = FreePort.Next();

    /// <summary>Where its metrics are.</summary>
    public int MetricsPort { get; } = FreePort.Next();

    /// <summary>What it logged so far.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Starts the process with the token of the ServiceAccount "controller".</summary>
    public async Task StartAsync(params string[] flags)
    {
        var config = Path.Combine(server.Home, $"{name}.kubeconfig");
        await File.WriteAllTextAsync(config, await KubeconfigAsync());
        string[] arguments =
        [
            "controller", "--kubeconfig", config, "--namespace", Namespace, "--health-probe-port", "0", "--pod-name", name,
            "--port", $"{MetricsPort}", "--webhook-port", $"{WebhookPort}", .. flags,
        ];
        _process = CommandResult.Start(Shell.Ferrolb, arguments, server.Environment);
        _process.OutputDataReceived += Remember;
        _process.ErrorDataReceived += Remember;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>SIGKILL, at once.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
    }

    /// <summary>A fresh token of a ServiceAccount.</summary>
    public static async Task<string> TokenAsync(ServerProcess server, string account)
    {
        using HttpClient client = server.Client();
        using var content = new StringContent(
            """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}""",
            Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync($"api/v1/namespaces/{Namespace}/serviceaccounts/{account}/token", content);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["status"]!["token"]!.ToString();
    }

    private async Task<string> KubeconfigAsync()
    {
        var token = await TokenAsync(server, "controller");
        var lines = await File.ReadAllLinesAsync(server.KubeConfig);
        return string.Join('\n', lines.Select(line => line.TrimStart().StartsWith("token: ", StringComparison.Ordinal)
            ? line[..line.IndexOf("token: ", StringComparison.Ordinal)] + "token: " + token
            : line));
    }

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
            _log.Enqueue(line.Data);
    }
}
