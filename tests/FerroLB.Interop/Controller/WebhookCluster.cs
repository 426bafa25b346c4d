using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;
using FerroLB.Tests;
using Xunit;

namespace FerroLB.Interop.Controller;

/// <summary>
/// An API server with RBAC, the manifests of `deploy`, and a controller that runs with their permissions; the API server calls its webhook.
/// </summary>
public sealed class WebhookCluster : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly int _webhookPort = FreePort.Next();

    internal ServerProcess Server { get; } = new();

    internal ControllerProcess Controller { get; private set; } = null!;

    internal Kubectl Kubectl { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server.MoreArguments =
        [
            "--authorization-mode", "RBAC", "--service-address", $"metallb-system/metallb-webhook-service=127.0.0.1:{_webhookPort}",
        ];
        await Server.StartAsync();
        // Debian's version, because a newer one is not on every machine.
        Kubectl = await Kubectl.FindAsync("1.20", Server);
        await Kubectl.OkAsync("apply", "--server-side", "-f", Path.Combine(Shell.Root, "deploy/crds"));
        await Kubectl.OkAsync("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all");
        await Kubectl.OkAsync("apply", "-f", Path.Combine(Shell.Root, "deploy/controller"));
        Controller = new ControllerProcess(Server, "controller-1") { WebhookPort = _webhookPort };
        await StartControllerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Controller.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>Starts the controller and waits until the API server believes its webhook.</summary>
    internal async Task StartControllerAsync(params string[] flags)
    {
        await Controller.StartAsync(flags);
        await UntilAsync("every caBundle is there", async () =>
        {
            var configuration = await GetAsync("validatingwebhookconfigurations", "metallb-webhook-configuration");
            var definition = await GetAsync("customresourcedefinitions", "bgppeers.metallb.io");
            return configuration["webhooks"]!.AsArray().All(webhook => webhook!["clientConfig"]!["caBundle"] is not null) &&
                definition["spec"]!["conversion"]!["webhook"]!["clientConfig"]!["caBundle"] is not null;
        });
    }

    /// <summary>Applies objects.</summary>
    internal Task<CommandResult> ApplyAsync(string yaml) => Kubectl.RunWithInputAsync(yaml, "apply", "-f", "-");

    /// <summary>Reads an object.</summary>
    internal async Task<JsonNode> GetAsync(params string[] what) =>
        JsonNode.Parse(await Kubectl.OkAsync(["get", "-n", ControllerProcess.Namespace, "-o", "json", .. what]))!;

    /// <summary>Waits until a condition holds.</summary>
    internal async Task UntilAsync(string what, Func<Task<bool>> condition) =>
        Assert.True(await Shell.UntilAsync(Patience, condition), $"{what}: not within a minute\n{Controller.Log}\n{Server.Log}");

    /// <summary>A client of the controller's own servers, which does not look at their certificates.</summary>
    internal static HttpClient CarelessClient() => new(new SocketsHttpHandler
    {
        SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    });

    internal static string Pool(string name, string addresses) => $$"""
        apiVersion: metallb.io/v1beta1
        kind: IPAddressPool
        metadata: {name: {{name}}, namespace: metallb-system}
        spec: {addresses: [{{addresses}}]}
        """;
}
