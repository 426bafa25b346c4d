using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Tests.ApiServer.Http;
using FerroLB.Tests.Deploy;
using Xunit;

namespace FerroLB.Tests.KubeHttp.Conformance;

/// <summary>A real controller writes the status of a Service that carries more than it knows of, and meets conflicts on the way.</summary>
public sealed class UnknownFieldsTests : IAsyncLifetime
{
    private const string Services = "api/v1/namespaces/default/services";

    private HostedServer _server = null!;
    private HttpClient _user = null!;
    private HttpNode _node = null!;
    private ControllerNode _controller = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await HostedServer.StartAsync();
        _user = _server.Client();
        foreach (var file in Directory.GetFiles(Path.Combine(YamlFiles.Root, "deploy", "crds"), "*.yaml"))
            await PostAsync("apis/apiextensions.k8s.io/v1/customresourcedefinitions", File.ReadAllText(file), "application/yaml");
        await PostAsync("api/v1/namespaces", """{"metadata":{"name":"lb"}}""");
        await PostAsync(
            "apis/metallb.io/v1beta1/namespaces/lb/ipaddresspools",
            """{"apiVersion":"metallb.io/v1beta1","kind":"IPAddressPool","metadata":{"name":"p"},"spec":{"addresses":["192.0.2.0/24"]}}""");
        _controller = new ControllerNode(new ControllerOptions { Namespace = "lb" }, 1);
        _node = new HttpNode(_controller, _server);
    }

    public async ValueTask DisposeAsync()
    {
        _node.Dispose();
        _user.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Everything_that_the_controller_does_not_know_survives_its_writes()
    {
        await PostAsync(Services, """
            {"metadata":{"name":"web","labels":{"a":"b"},"annotations":{"example.com/note":"kept"},"finalizers":["example.com/hold"]},
            "spec":{"type":"LoadBalancer","sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":77}},
            "publishNotReadyAddresses":true,"externalIPs":["198.51.100.7"],"loadBalancerSourceRanges":["203.0.113.0/24"],
            "ports":[{"name":"http","port":80,"targetPort":"web","appProtocol":"kubernetes.io/h2c"}]}}
            """);
        var before = await GetAsync("web");
        await _node.StartAsync();
        await _node.UntilAsync(() => Outcome("web") && _node.UnansweredCount == 0);
        var after = await GetAsync("web");
        Assert.Equal("192.0.2.0", (string?)after["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
        Assert.Equal("p", (string?)after["metadata"]!["annotations"]!["metallb.io/ip-allocated-from-pool"]);
        after["metadata"]!["annotations"]!.AsObject().Remove("metallb.io/ip-allocated-from-pool");
        foreach (var changing in new[] { "resourceVersion", "managedFields" })
        {
            before["metadata"]!.AsObject().Remove(changing);
            after["metadata"]!.AsObject().Remove(changing);
        }
        Assert.Equal(before["metadata"]!.ToJsonString(), after["metadata"]!.ToJsonString());
        Assert.Equal(before["spec"]!.ToJsonString(), after["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task Conflict_is_answered_by_a_write_on_the_fresh_object()
    {
        await PostAsync(Services, """{"metadata":{"name":"web"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""");
        var changed = false;
        _node.BeforeSend = async request =>
        {
            if (changed || request is not { Resource.Plural: "services", Subresource: "status" })
                return;
            changed = true;
            await PatchAsync("""{"metadata":{"annotations":{"example.com/note":"written in between"}}}""");
        };
        await _node.StartAsync();
        await _node.UntilAsync(() => Outcome("web"));
        for (var round = 0; round < 20 && _server.Faults.Requests.Count(IsStatusWrite) < 2; round++)
        {
            await _node.UntilAsync(() => _node.UnansweredCount == 0);
            await _node.Pass(TimeSpan.FromSeconds(1));
        }
        await _node.UntilAsync(() => _node.UnansweredCount == 0);
        var after = await GetAsync("web");
        Assert.Equal("192.0.2.0", (string?)after["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
        Assert.Equal("written in between", (string?)after["metadata"]!["annotations"]!["example.com/note"]);
        Assert.Equal(2, _server.Faults.Requests.Count(IsStatusWrite));
    }

    private static bool IsStatusWrite(string request) =>
        request.StartsWith($"PATCH /{Services}/web/status", StringComparison.Ordinal);

    private bool Outcome(string name) => _controller.Snapshot.Services.Any(service => service.Key.Name == name);

    private async Task<JsonNode> GetAsync(string name) =>
        JsonNode.Parse(await _user.GetStringAsync(new Uri($"{Services}/{name}", UriKind.Relative)))!;

    private async Task PatchAsync(string patch)
    {
        using var content = new StringContent(patch, Encoding.UTF8, "application/merge-patch+json");
        using var answer = await _user.PatchAsync(new Uri($"{Services}/web", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
    }

    private async Task PostAsync(string url, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await _user.PostAsync(new Uri(url, UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
