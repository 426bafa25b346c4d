using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace FerroLB.Interop.Deploy;

/// <summary>The samples, applied with kubectl to the embedded API server under the project's custom resource definitions.</summary>
public sealed class SampleTests(SampleApi api) : IClassFixture<SampleApi>
{
    [Theory]
    [InlineData("samples/guide")]
    [InlineData("samples/demo")]
    [InlineData("samples/demo/selective")]
    [InlineData("samples/demo/bgp")]
    public async Task Every_object_keeps_all_its_fields_and_a_second_apply_changes_nothing(string directory)
    {
        var created = await api.KubectlAsync("apply", "-f", "samples/demo/01-namespaces.yaml", "-f", directory);
        Assert.True(created.ExitCode == 0, created.Output);
        var objects = ReadAll(directory);
        Assert.NotEmpty(objects);
        foreach (var wanted in objects)
        {
            var kind = Text(wanted, "kind");
            var name = Text((YamlMappingNode)wanted["metadata"], "name");
            var got = await api.GetAsync(Resource(Text(wanted, "apiVersion"), kind), Namespace(wanted), name);
            Assert.Empty(YamlSubset.Differences(wanted, got, $"{kind} {name}"));
        }

        var again = await api.KubectlAsync("apply", "-f", directory);
        Assert.True(again.ExitCode == 0, again.Output);
        Assert.All(Lines(again.Output), line => Assert.EndsWith(" unchanged", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Defaults_of_the_definitions_are_filled_in()
    {
        Assert.Equal(0, (await api.KubectlAsync("apply", "-f", "samples/guide")).ExitCode);
        var pool = (await api.GetAsync("ipaddresspools", "metallb-system", "production-pool")).GetProperty("spec");
        Assert.True(pool.GetProperty("autoAssign").GetBoolean());
        Assert.False(pool.GetProperty("avoidBuggyIPs").GetBoolean());
        var peer = (await api.GetAsync("bgppeers", "metallb-system", "main-router")).GetProperty("spec");
        Assert.Equal(179, peer.GetProperty("peerPort").GetInt32());
        Assert.False(peer.GetProperty("dualStackAddressFamily").GetBoolean());
    }

    [Fact]
    public async Task Columns_of_the_definitions_are_printed()
    {
        Assert.Equal(0, (await api.KubectlAsync("apply", "-f", "samples/guide")).ExitCode);
        var table = await api.KubectlAsync("get", "ipaddresspools", "-n", "metallb-system");
        Assert.Matches("^NAME +AUTO ASSIGN +AVOID BUGGY IPS +ADDRESSES", table.Output);
        Assert.Matches("production-pool +true +false +\\[.?192.168.1.200-192.168.1.250", table.Output);
        var peers = await api.KubectlAsync("get", "bgppeers", "-n", "metallb-system");
        Assert.Matches("main-router +192.168.1.1 +64501", peers.Output);
    }

    public static TheoryData<string, string, string, string> Refusals => new()
    {
        { "v1beta1", "IPAddressPool", "{}", "spec.addresses: Required value" },
        { "v1beta1", "IPAddressPool", "{addresses: 192.168.1.0/24}", "spec.addresses" },
        { "v1beta1", "L2Advertisement", "{preferredNodeSelectors: [{weight: 101, preference: {}}]}", "less than or equal to 100" },
        { "v1beta1", "L2Advertisement", "{preferredNodeSelectors: [{weight: 1}]}", "preference: Required value" },
        { "v1beta1", "BGPAdvertisement", "{aggregationLength: 24, serviceSelectors: [{}]}", "serviceSelectors and aggregation exclude" },
        { "v1beta1", "BGPAdvertisement", "{aggregationLength: 0}", "greater than or equal to 1" },
        { "v1beta2", "BGPPeer", "{peerASN: 64501}", "spec.myASN: Required value" },
        { "v1beta2", "BGPPeer", "{myASN: 4294967296}", "less than or equal to 4294967295" },
        { "v1beta2", "BGPPeer", "{myASN: 1, peerPort: 16385}", "less than or equal to 16384" },
        { "v1beta2", "BGPPeer", "{myASN: 1, dynamicASN: both}", "Unsupported value: \"both\"" },
        { "v1beta2", "BGPPeer", "{myASN: 1, connectTime: 1500ms}", "must be a whole number of seconds" },
        { "v1beta2", "BGPPeer", "{myASN: 1, connectTime: 0s}", "must be between 1s and 65535s" },
        { "v1beta1", "BFDProfile", "{detectMultiplier: 1}", "greater than or equal to 2" },
        { "v1beta1", "BFDProfile", "{minimumTtl: 255}", "less than or equal to 254" },
        { "v1beta1", "Community", "{communities: [{name: 7}]}", "must be of type string" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Object_against_the_schema_is_refused_with_its_reason(string version, string kind, string spec, string reason)
    {
        // Older kubectl validates by itself and in other words: here the server is asked.
        var refused = await api.ApplyAsync(Manifest(version, kind, spec), "--validate=false");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(reason, refused.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Graceful_restart_of_a_peer_can_be_set_once_and_not_changed()
    {
        Assert.Equal(0, (await api.ApplyAsync(Peer("holdTime: 90s"))).ExitCode);
        Assert.Equal(0, (await api.ApplyAsync(Peer("enableGracefulRestart: true"))).ExitCode);
        var changed = await api.ApplyAsync(Peer("enableGracefulRestart: false"));
        Assert.NotEqual(0, changed.ExitCode);
        Assert.Contains("enableGracefulRestart cannot be changed", changed.Output, StringComparison.Ordinal);

        static string Peer(string field) => Manifest("v1beta2", "BGPPeer", $"{{myASN: 1, peerASN: 2, peerAddress: 192.0.2.1, {field}}}");
    }

    private static string Manifest(string version, string kind, string spec) =>
        $"apiVersion: metallb.io/{version}\nkind: {kind}\nmetadata: {{name: one, namespace: default}}\nspec: {spec}\n";

    private static List<YamlMappingNode> ReadAll(string directory)
    {
        var objects = new List<YamlMappingNode>();
        foreach (var file in Directory.GetFiles(Path.Combine(Shell.Root, directory), "*.yaml").Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(file);
            var stream = new YamlStream();
            stream.Load(reader);
            objects.AddRange(stream.Documents.Select(document => (YamlMappingNode)document.RootNode));
        }

        return objects;
    }

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    private static string Namespace(YamlMappingNode wanted) =>
        ((YamlMappingNode)wanted["metadata"]).Children.TryGetValue(new YamlScalarNode("namespace"), out var value)
            ? ((YamlScalarNode)value).Value!
            : "default";

    /// <summary>In the form `kind.version.group`, so that kubectl asks for the version that the manifest is written in.</summary>
    private static string Resource(string apiVersion, string kind) =>
        apiVersion.Split('/') is [var group, var version] ? $"{kind}.{version}.{group}" : kind;

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
