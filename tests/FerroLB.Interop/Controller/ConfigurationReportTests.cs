using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;
using Xunit;

namespace FerroLB.Interop.Controller;

/// <summary>
/// What a user learns from `kubectl get configurationstates` about objects that nothing stopped at the door: no webhook was there, and the
/// definitions are ones without rules of their own, as MetalLB's are.
/// </summary>
public sealed class ConfigurationReportTests
{
    private const string Namespace = "metallb-system";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>One object of each kind that breaks a rule, and the words that must be said about it.</summary>
    private static readonly (string Kind, string Name, string Spec, string Words)[] Faulty =
    [
        ("IPAddressPool", "reversed", """{"addresses":["10.0.0.9-10.0.0.1"]}""", "spec.addresses[0] \"10.0.0.9-10.0.0.1\""),
        ("IPAddressPool", "zz-overlap", """{"addresses":["192.0.2.128/25"]}""", "spec.addresses[0] \"192.0.2.128/25\""),
        ("L2Advertisement", "twice", """{"ipAddressPools":["a","a"]}""", "spec.ipAddressPools[1] \"a\""),
        ("BGPAdvertisement", "too-short", """{"aggregationLength":20}""", "spec.aggregationLength \"20\""),
        ("BGPPeer", "nobody", """{"myASN":64500,"peerAddress":"192.0.2.1"}""", "spec.peerASN"),
        ("Community", "text", """{"communities":[{"name":"x","value":"1:2:3:4"}]}""", "spec.communities[0].value \"1:2:3:4\""),
    ];

    [Fact]
    public async Task Objects_made_while_no_webhook_was_there_are_reported_to_kubectl()
    {
        await using var server = new ServerProcess();
        await server.StartAsync();
        Kubectl kubectl = await Kubectl.FindAsync("1.20", server);
        await InstallAsync(kubectl);
        await kubectl.OkWithInputAsync(List(Faulty.Select(Custom)), "create", "-f", "-");
        string[] flags =
            ["controller", "--kubeconfig", server.KubeConfig, "--namespace", Namespace, "--port", "0", "--health-probe-port", "0"];
        using Process controller = Shell.Start(server.Environment, Shell.Ferrolb, flags);
        try
        {
            await UntilAsync(kubectl, "Invalid");
            string table = string.Join('\n', ServerFixture.Rows(await kubectl.OkAsync("get", "configurationstates", "-n", Namespace)));
            string summary = await FieldAsync(kubectl, "{.status.errorSummary}");
            Assert.Contains("controller Invalid configuration error: ", table);
            foreach ((string kind, string name, string _, string words) in Faulty)
            {
                Assert.Contains($"{kind} {Namespace}/{name}: {words}", summary);
                Assert.Contains($"{Namespace}/{name}", table);
            }
            Assert.Equal("controller", await FieldAsync(kubectl, "{.metadata.labels.metallb\\.io/component-type}"));
            const string ours = ".status.conditions[?(@.type==\"poolReconcilerValid\")]";
            Assert.Equal("False ConfigurationError", await FieldAsync(kubectl, $"{{{ours}.status}} {{{ours}.reason}}"));
            bool isServed = await Shell.UntilAsync(Limit, async () => await AddressAsync(kubectl) == "192.0.2.0");
            Assert.True(isServed, "the valid pool serves nobody");

            foreach ((string kind, string name, _, _) in Faulty)
                await kubectl.OkAsync("delete", kind, name, "-n", Namespace);
            await UntilAsync(kubectl, "Valid");
            Assert.Equal("", await FieldAsync(kubectl, "{.status.errorSummary}"));
            await kubectl.OkAsync("delete", "configurationstate", "controller", "-n", Namespace);
            await UntilAsync(kubectl, "Valid");
        }
        finally
        {
            controller.Kill();
            await controller.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The definitions without their rules, the namespace, a valid pool and a Service.</summary>
    private static async Task InstallAsync(Kubectl kubectl)
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Shell.Root, "deploy/crds")))
        {
            JsonNode definition = JsonNode.Parse(await kubectl.OkAsync("create", "--dry-run=client", "-o", "json", "-f", file))!;
            Strip(definition);
            await kubectl.OkWithInputAsync(definition.ToJsonString(), "create", "-f", "-");
        }
        await kubectl.OkAsync("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all");
        await kubectl.OkAsync("create", "namespace", Namespace);
        await kubectl.OkWithInputAsync(Custom(("IPAddressPool", "good", """{"addresses":["192.0.2.0/24"]}""", "")), "create", "-f", "-");
        await kubectl.OkAsync("create", "service", "loadbalancer", "web", "--tcp=80", "-n", "default");
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? item in array)
                Strip(item);
        }
        if (node is not JsonObject value)
            return;
        value.Remove("x-kubernetes-validations");
        foreach ((_, JsonNode? field) in value)
            Strip(field);
    }

    private static string Custom((string Kind, string Name, string Spec, string Words) row) =>
        $$"""
        {"apiVersion":"metallb.io/{{(row.Kind == "BGPPeer" ? "v1beta2" : "v1beta1")}}","kind":"{{row.Kind}}",
         "metadata":{"name":"{{row.Name}}","namespace":"{{Namespace}}"},"spec":{{row.Spec}} }
        """;

    private static string List(IEnumerable<string> objects) =>
        $$"""{"apiVersion":"v1","kind":"List","items":[{{string.Join(',', objects)}}]}""";

    private static async Task UntilAsync(Kubectl kubectl, string result)
    {
        bool arrived = await Shell.UntilAsync(Limit, async () => await FieldAsync(kubectl, "{.status.result}") == result);
        Assert.True(arrived, $"not {result} but {await FieldAsync(kubectl, "{.status}")}");
    }

    private static async Task<string> FieldAsync(Kubectl kubectl, string path) => (await kubectl.RunAsync(
        "get", "configurationstate", "controller", "-n", Namespace, "--ignore-not-found", "-o", $"jsonpath={path}")).Output;

    private static Task<string> AddressAsync(Kubectl kubectl) =>
        kubectl.OkAsync("get", "service", "web", "-n", "default", "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}");
}
