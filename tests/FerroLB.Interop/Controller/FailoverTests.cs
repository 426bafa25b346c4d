using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;
using Xunit;

namespace FerroLB.Interop.Controller;

/// <summary>
/// Two real controllers and a thousand Services that wait for an address: whatever happens to the leader in the midst of its work, each
/// Service gets one, and no two the same.
/// </summary>
public sealed class FailoverTests : IAsyncLifetime
{
    private const int Count = 1000;
    private const string LeaseUrl = "apis/coordination.k8s.io/v1/namespaces/metallb-system/leases/ferrolb-controller";
    private const string ServicesUrl = "api/v1/namespaces/default/services";
    private static readonly string[] Short =
        ["--leader-elect-lease-duration=4s", "--leader-elect-renew-deadline=3s", "--leader-elect-retry-period=500ms"];

    // So long that nobody takes over but from a leader that gives its Lease back.
    private static readonly string[] Long =
        ["--leader-elect-lease-duration=3600s", "--leader-elect-renew-deadline=3000s", "--leader-elect-retry-period=500ms"];

    private readonly ServerProcess _server = new();
    private readonly List<ControllerReplica> _replicas = [];
    private HttpClient _client = null!;
    private int _count;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        Kubectl kubectl = await Kubectl.FindAsync("1.20", _server);
        await kubectl.OkAsync("apply", "--server-side", "-f", System.IO.Path.Combine(Shell.Root, "deploy/crds"));
        await kubectl.OkAsync("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all");
        await kubectl.OkAsync("create", "namespace", "metallb-system");
        _client = _server.Client();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Killed_leader_loses_and_doubles_nothing()
    {
        var (leader, standby) = await StartBothAsync(Short);
        await StopInTheMidstAsync(leader);
        leader.Kill();
        await AssertEachHasOneAsync();
        Assert.Equal(("b", 1), await LeaseAsync());
        Assert.True(standby.HasSaid("fenced the writes of the leader before"), standby.Log);
    }

    [Fact]
    public async Task Stopping_leader_hands_over_at_once()
    {
        var (leader, standby) = await StartBothAsync(Long);
        await StopInTheMidstAsync(leader);
        await leader.SignalAsync("TERM");
        await leader.SignalAsync("CONT");
        Assert.Equal(0, await leader.ExitAsync());
        await AssertEachHasOneAsync();
        Assert.Equal(("b", 1), await LeaseAsync());
        Assert.True(leader.HasSaid("gave the Lease back"), leader.Log);
        Assert.False(standby.HasSaid("the Lease cannot be written; attempts go on"), standby.Log);
    }

    [Fact]
    public async Task Leader_that_stood_still_wakes_up_deposed_and_changes_nothing()
    {
        var (leader, standby) = await StartBothAsync(Short);
        await StopInTheMidstAsync(leader);
        var before = await AssertEachHasOneAsync();
        Assert.Equal(("b", 1), await LeaseAsync());
        await leader.SignalAsync("CONT");
        await UntilAsync("the old leader knows", () => Task.FromResult(leader.HasSaid("this controller leads no more")));
        Assert.Equal(before, await AssertEachHasOneAsync());

        // It is a standby like any other, and leads when the other one stops.
        await standby.SignalAsync("TERM");
        Assert.Equal(0, await standby.ExitAsync());
        await UntilAsync("the old leader leads again", async () => await LeaseAsync() == ("a", 2));
        await CreateServicesAsync(1);
        var after = await AssertEachHasOneAsync();
        Assert.All(before, entry => Assert.Equal(entry.Value, after[entry.Key]));
    }

    /// <summary>Starts two controllers, of which the first leads.</summary>
    private async Task<(ControllerReplica Leader, ControllerReplica Standby)> StartBothAsync(string[] flags)
    {
        await CreateServicesAsync(Count);
        var leader = new ControllerReplica(_server, "a", flags);
        _replicas.Add(leader);
        await UntilAsync("the first controller leads", () => Task.FromResult(leader.HasSaid("this controller leads")));
        var standby = new ControllerReplica(_server, "b", flags);
        _replicas.Add(standby);
        await UntilAsync("the second one knows it", () => Task.FromResult(standby.HasSaid("another controller leads")));
        return (leader, standby);
    }

    /// <summary>Gives the leader addresses to hand out, and stops it (SIGSTOP) when some Services have theirs and some have not.</summary>
    private async Task StopInTheMidstAsync(ControllerReplica leader)
    {
        await UntilAsync("the leader has seen the Services", () => Task.FromResult(leader.HasSaid("service has no address")));
        await PostAsync("apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools", new JsonObject
        {
            ["apiVersion"] = "metallb.io/v1beta1",
            ["kind"] = "IPAddressPool",
            ["metadata"] = new JsonObject { ["name"] = "pool" },
            ["spec"] = new JsonObject { ["addresses"] = new JsonArray("198.18.0.0/16") },
        });
        while (true)
        {
            var first = UrlOf(_count - Count);
            await UntilAsync(
                "the leader assigns", async () => (await _client.GetStringAsync(first)).Contains("198.18.", StringComparison.Ordinal));
            await leader.SignalAsync("STOP");
            if ((await AddressesAsync()).Count < _count)
                return;
            // It was too quick: once more, with as many again.
            await leader.SignalAsync("CONT");
            await CreateServicesAsync(Count);
        }
    }

    private static string UrlOf(int number) => $"{ServicesUrl}/{NameOf(number)}";

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"s{number:D5}");

    private async Task<SortedDictionary<string, string>> AssertEachHasOneAsync()
    {
        await UntilAsync("each Service has an address", async () => (await AddressesAsync()).Count == _count);
        var addresses = await AddressesAsync();
        Assert.Equal(_count, addresses.Values.Distinct().Count());
        return addresses;
    }

    private async Task<SortedDictionary<string, string>> AddressesAsync()
    {
        var list = JsonNode.Parse(await _client.GetStringAsync(ServicesUrl))!;
        var addresses = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in list["items"]!.AsArray())
        {
            if (service!["status"]?["loadBalancer"]?["ingress"] is JsonArray { Count: > 0 } ingress)
                addresses.Add(service["metadata"]!["name"]!.ToString(), Assert.Single(ingress)!["ip"]!.ToString());
        }
        return addresses;
    }

    private async Task<(string Holder, int Transitions)> LeaseAsync()
    {
        var spec = JsonNode.Parse(await _client.GetStringAsync(LeaseUrl))!["spec"]!;
        return ((spec["holderIdentity"]?.ToString() ?? "").Split('_')[0], spec["leaseTransitions"]!.GetValue<int>());
    }

    private async Task CreateServicesAsync(int count)
    {
        var few = new ParallelOptions { MaxDegreeOfParallelism = 8 };
        await Parallel.ForEachAsync(Enumerable.Range(_count, count), few, async (i, _) => await CreateServiceAsync(i));
        _count += count;
    }

    private Task CreateServiceAsync(int number) => PostAsync(ServicesUrl, new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject { ["name"] = NameOf(number) },
        ["spec"] = new JsonObject
        {
            ["type"] = "LoadBalancer",
            ["allocateLoadBalancerNodePorts"] = false,
            ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }),
        },
    });

    private async Task PostAsync(string url, JsonObject value)
    {
        using var content = new StringContent(value.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _client.PostAsync(url, content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        if (!await Shell.UntilAsync(TimeSpan.FromMinutes(2), condition))
            Assert.Fail($"not within 2 minutes: {what}\n{string.Join("\n\n", _replicas.Select(replica => Tail(replica)))}");
    }

    private static string Tail(ControllerReplica replica) => $"{replica.Name}:\n{string.Join('\n', replica.Log.Split('\n').TakeLast(20))}";
}
