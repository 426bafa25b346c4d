using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.Deploy;

/// <summary>An embedded API server of its own on loopback, with the project's custom resource definitions applied by kubectl.</summary>
public sealed class SampleApi : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly string _directory = Directory.CreateTempSubdirectory("flb-samples-").FullName;
    private Process? _server;

    private string KubeConfig => Path.Combine(_directory, "kubeconfig");

    public async ValueTask InitializeAsync()
    {
        _server = Shell.Start(NoEnvironment, Shell.Ferrolb, "apiserver", "--port", "0", "--kubeconfig", KubeConfig);
        var answers = await Shell.UntilAsync(
            Limit, async () => File.Exists(KubeConfig) && (await KubectlAsync("get", "--raw", "/readyz")).ExitCode == 0);
        Assert.True(answers, "the API server does not answer");
        var applied = await KubectlAsync("apply", "-f", "deploy/crds");
        Assert.True(applied.ExitCode == 0, applied.Output);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            server.Kill();
            await server.WaitForExitAsync();
            server.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Runs kubectl against the server, in the repository's root directory.</summary>
    internal Task<ShellResult> KubectlAsync(params string[] arguments) =>
        Shell.RunAsync(
            Limit, NoEnvironment, "kubectl", ["--kubeconfig", KubeConfig, "--cache-dir", Path.Combine(_directory, "cache"), .. arguments]);

    /// <summary>Applies a manifest given as text.</summary>
    internal async Task<ShellResult> ApplyAsync(string yaml, params string[] flags)
    {
        var file = Path.Combine(_directory, Guid.NewGuid().ToString("N") + ".yaml");
        await File.WriteAllTextAsync(file, yaml);
        return await KubectlAsync(["apply", "-f", file, .. flags]);
    }

    /// <summary>One object as JSON.</summary>
    internal async Task<JsonElement> GetAsync(string resource, string @namespace, string name)
    {
        var result = await KubectlAsync("get", resource, name, "-n", @namespace, "-o", "json");
        Assert.True(result.ExitCode == 0, result.Output);
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    private static Dictionary<string, string> NoEnvironment { get; } = [];
}
