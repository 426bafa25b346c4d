using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.Demo;

/// <summary>The demo that the README promises: it ends well, survives the death of any process, and leaves nothing behind.</summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Demo_after_a_killed_run_meets_every_claim_and_leaves_nothing()
    {
        var demo = new RunningDemo("t1");
        await demo.KillInTheMiddleAsync();
        var result = await demo.RunAsync();
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Matches("All [0-9]{2} claims hold", result.Output);
        Assert.DoesNotContain("NOT TRUE", result.Output, StringComparison.Ordinal);
        Assert.Empty(await demo.RemainsAsync());
    }

    [Fact]
    public async Task Killing_any_process_and_starting_it_again_leads_to_the_same_addresses_and_owners()
    {
        var demo = new RunningDemo("t2");
        try
        {
            await StartAsync(demo, "--up");
            Assert.Equal(0, (await demo.KubectlAsync("apply", "-f", "samples/demo")).ExitCode);
            Assert.Equal(0, (await demo.KubectlAsync("apply", "-f", "samples/demo/bgp")).ExitCode);
            await AssertRoutedAsync(demo, "with the samples");
            var addresses = await demo.AddressesAsync();
            Assert.Equal(12, addresses.Values.Count(address => address.Length > 0));
            await AssertEachIsAnsweredOnceAsync(
                demo, addresses.Values.Where(address => address.StartsWith("192.168.", StringComparison.Ordinal)));
            var owners = await demo.OwnersAsync(addresses.Values);
            Assert.Equal(0, (await demo.KubectlAsync("delete", "service", "-n", "shop", "web-address")).ExitCode);
            addresses.Remove("web-address");
            owners.Remove("192.168.2.10");
            string[] speakers = ["speaker-node-1", "speaker-node-2", "speaker-node-3"];
            foreach (var process in (string[])["apiserver", "controller-a", "controller-b", .. speakers, "router"])
            {
                var restarted = await demo.RunAsync("--restart", process);
                Assert.True(restarted.ExitCode == 0, restarted.Output);
                await AssertBecomesAsync(addresses, demo.AddressesAsync, $"after {process} was restarted");
                await AssertBecomesAsync(
                    owners, () => demo.OwnersAsync(addresses.Values), $"after {process} was restarted", () => demo.LogOf(process));
                await AssertRoutedAsync(demo, $"after {process} was restarted");
            }

            // The restarted processes do their work: the Service that the demo deleted gets its address and its answer again.
            Assert.Equal(0, (await demo.KubectlAsync("apply", "-f", "samples/demo")).ExitCode);
            addresses["web-address"] = "192.168.2.10";
            await AssertBecomesAsync(addresses, demo.AddressesAsync, "after web-address was created again");
            await AssertEachIsAnsweredOnceAsync(demo, ["192.168.2.10"]);
        }
        finally
        {
            await demo.RunAsync("--down");
        }

        Assert.Empty(await demo.RemainsAsync());
    }

    [Fact]
    public async Task Objects_of_the_guide_take_effect_whichever_of_its_pools_are_used()
    {
        var demo = new RunningDemo("t3");
        try
        {
            await StartAsync(demo, "--up");
            await ApplyAsync(demo, "01-namespaces", "03-pools-by-purpose", "04-layer2", "05-bgp", "06-services-by-request");
            await CreateEndpointsAsync(
                demo, "production/my-app", "ingress-nginx/ingress-nginx", "production/service-a", "production/service-b");
            var wanted = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["ingress-nginx"] = "192.168.1.200", ["service-a"] = "192.168.1.201", ["service-b"] = "192.168.1.201",
            };
            await AssertBecomesAsync(wanted, demo.AddressesAsync, "with a pool for each purpose");
            await ApplyAsync(demo, "07-service");
            wanted["my-app"] = "192.168.1.202";
            await AssertBecomesAsync(wanted, demo.AddressesAsync, "with a Service that asks for nothing");
            await AssertEachIsAnsweredOnceAsync(demo, wanted.Values);

            // Without the pool that it asks for, ingress-nginx has no address; the others get theirs from the one pool.
            Assert.Equal(0, (await demo.KubectlAsync("delete", "-f", "samples/guide/03-pools-by-purpose.yaml")).ExitCode);
            await ApplyAsync(demo, "02-one-pool");
            wanted["ingress-nginx"] = "";
            wanted["my-app"] = "192.168.1.200";
            await AssertBecomesAsync(wanted, demo.AddressesAsync, "with one pool");
            await AssertEachIsAnsweredOnceAsync(demo, ["192.168.1.200", "192.168.1.201"]);
        }
        finally
        {
            await demo.RunAsync("--down");
        }
    }

    [Fact]
    public async Task Unknown_option_shows_the_usage_and_exits_with_2()
    {
        var result = await new RunningDemo("t4").RunAsync("--frobnicate");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--keep", result.Output, StringComparison.Ordinal);
    }

    private static async Task StartAsync(RunningDemo demo, string option)
    {
        var started = await demo.RunAsync(option);
        Assert.True(started.ExitCode == 0, started.Output);
    }

    private static async Task ApplyAsync(RunningDemo demo, params string[] files)
    {
        var arguments = files.SelectMany(file => (string[])["-f", $"samples/guide/{file}.yaml"]);
        var applied = await demo.KubectlAsync(["apply", .. arguments]);
        Assert.True(applied.ExitCode == 0, applied.Output);
    }

    /// <summary>Plays the endpoint-slice controller: one endpoint on node-1 for each Service, given as `namespace/name`.</summary>
    private static async Task CreateEndpointsAsync(RunningDemo demo, params string[] services)
    {
        var slices = services.Select(service => service.Split('/')).Select(key => $$"""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: {{key[1]}}-1
              namespace: {{key[0]}}
              labels:
                kubernetes.io/service-name: {{key[1]}}
            addressType: IPv4
            ports: [{name: http, port: 8080}]
            endpoints:
            - addresses: [10.244.1.10]
              nodeName: node-1
              conditions: {ready: true}
            """);
        var file = Path.Combine(demo.StateDirectory, "endpoints.yaml");
        await File.WriteAllTextAsync(file, string.Join("\n---\n", slices), TestContext.Current.CancellationToken);
        var applied = await demo.KubectlAsync("apply", "-f", file);
        Assert.True(applied.ExitCode == 0, applied.Output);
    }

    /// <summary>The router forwards to all nodes, over either family.</summary>
    private static async Task AssertRoutedAsync(RunningDemo demo, string when)
    {
        var last = "";
        var isRouted = await Shell.UntilAsync(Settling, async () =>
            (last = string.Join(' ', await demo.NextHopsAsync("203.0.113.10"))) == "192.168.1.11 192.168.1.12 192.168.1.13" &&
            (last = string.Join(' ', await demo.NextHopsAsync("fd00:203:0:113::10"))) ==
                "fd00:192:168:1::11 fd00:192:168:1::12 fd00:192:168:1::13");
        Assert.True(isRouted, $"{when}: {last}\n{(isRouted ? "" : demo.LogOf("router"))}");
    }

    private static async Task AssertEachIsAnsweredOnceAsync(RunningDemo demo, IEnumerable<string> addresses)
    {
        var last = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var once = await Shell.UntilAsync(Settling, async () =>
            (last = await demo.OwnersAsync(addresses)).Values.All(macs => macs.Split(' ') is [{ Length: > 0 }]));
        Assert.True(once, $"not answered by exactly one node: {string.Join(", ", last)}");
    }

    private static async Task AssertBecomesAsync(
        SortedDictionary<string, string> expected,
        Func<Task<SortedDictionary<string, string>>> read,
        string when,
        Func<string>? readLog = null)
    {
        var last = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var same = await Shell.UntilAsync(Settling, async () => expected.SequenceEqual(last = await read()));
        Assert.True(same, $"{when}: {string.Join(", ", last)} instead of {string.Join(", ", expected)}\n{(same ? "" : readLog?.Invoke())}");
    }
}
