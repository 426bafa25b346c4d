using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

public sealed class ServicesTests
{
    private const string Path = "v1/ns:default/services";
    private readonly TestApi _api = new();

    [Fact]
    public void Cluster_service_gets_the_defaults_of_Kubernetes()
    {
        var service = _api.Create(Path, """{"metadata":{"name":"a"},"spec":{"selector":{"app":"a"},"ports":[{"port":80}]}}""");
        var spec = service["spec"]!;
        Assert.Equal("ClusterIP", (string?)spec["type"]);
        Assert.Equal("None", (string?)spec["sessionAffinity"]);
        Assert.Equal("Cluster", (string?)spec["internalTrafficPolicy"]);
        Assert.Null(spec["externalTrafficPolicy"]);
        Assert.Equal("SingleStack", (string?)spec["ipFamilyPolicy"]);
        Assert.Equal("""["IPv4"]""", spec["ipFamilies"]!.ToJsonString());
        Assert.StartsWith("10.96.", (string?)spec["clusterIP"]);
        Assert.Equal((string?)spec["clusterIP"], (string?)spec["clusterIPs"]![0]);
        Assert.Equal("""[{"port":80,"protocol":"TCP","targetPort":80}]""", spec["ports"]!.ToJsonString());
        Assert.Equal("""{"loadBalancer":{}}""", service["status"]!.ToJsonString());
    }

    [Fact]
    public void Load_balancer_with_two_families_gets_node_ports_and_two_cluster_addresses()
    {
        var spec = _api.Create(Path, """
            {"metadata":{"name":"a"},"spec":{"type":"LoadBalancer","ipFamilyPolicy":"PreferDualStack","externalTrafficPolicy":"Local",
             "ports":[{"name":"http","port":80},{"name":"dns","port":53,"protocol":"UDP"},{"name":"dns-tcp","port":53}]}}
            """)["spec"]!;
        Assert.Equal("""["IPv4","IPv6"]""", spec["ipFamilies"]!.ToJsonString());
        Assert.StartsWith("fd00:10:96::", (string?)spec["clusterIPs"]![1]);
        Assert.True((bool)spec["allocateLoadBalancerNodePorts"]!);
        Assert.InRange((int)spec["healthCheckNodePort"]!, 30000, 32767);
        Assert.InRange((int)spec["ports"]![0]!["nodePort"]!, 30000, 32767);
        Assert.Equal((int)spec["ports"]![1]!["nodePort"]!, (int)spec["ports"]![2]!["nodePort"]!);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"selector":{"a":"b"}}}""", "Service \"x\" is invalid: spec.ports: Required value")]
    [InlineData("""{"metadata":{"name":"1x"},"spec":{"ports":[{"port":80}]}}""",
        "Service \"1x\" is invalid: metadata.name: Invalid value: \"1x\": a DNS-1035 label must consist of lower case alphanumeric " +
            "characters or '-'," +
        " start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for " +
            "validation is " +
        "'[a-z]([-a-z0-9]*[a-z0-9])?')")]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"ports":[{"port":80,"name":"a"},{"port":80,"name":"b"}]}}""",
        "Service \"x\" is invalid: spec.ports[1]: Duplicate value: {\"protocol\":\"TCP\",\"port\":80}")]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"ports":[{"port":80},{"port":81}]}}""",
        "Service \"x\" is invalid: [spec.ports[0].name: Required value, spec.ports[1].name: Required value]")]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"ports":[{"port":70000,"targetPort":80}]}}""",
        "Service \"x\" is invalid: spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive")]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"type":"Foo","ports":[{"port":80}]}}""",
        "Service \"x\" is invalid: spec.type: Unsupported value: \"Foo\": supported values: \"ClusterIP\", \"ExternalName\", " +
            "\"LoadBalancer\", \"NodePort\"")]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"clusterIP":"1.2.3.4","ports":[{"port":80}]}}""",
        "Service \"x\" is invalid: spec.clusterIPs: Invalid value: [\"1.2.3.4\"]: failed to allocate IP 1.2.3.4: the provided IP " +
            "(1.2.3.4) is not in the " +
        "valid range. The range of valid IPs is 10.96.0.0/16")]
    public void Wrong_service_is_refused_in_the_words_of_Kubernetes(string body, string message) =>
        Assert.Equal(message, _api.Refused(422, ApiVerb.Create, Path, body));

    [Fact]
    public void Cluster_address_cannot_change()
    {
        var service = _api.Create(Path, """{"metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}}""");
        service["spec"]!["clusterIP"] = "10.96.7.7";
        service["spec"]!["clusterIPs"] = new JsonArray("10.96.7.7");
        var message = _api.Refused(422, ApiVerb.Update, Path + "/a", service.ToJsonString());
        Assert.Contains("spec.clusterIPs[0]: Invalid value: [\"10.96.7.7\"]: may not change once set", message,
            System.StringComparison.Ordinal);
    }

    [Fact]
    public void Replacing_without_allocated_fields_keeps_them()
    {
        const string Body = """{"metadata":{"name":"a"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""";
        var first = _api.Create(Path, Body);
        var second = _api.Update(Path + "/a", JsonNode.Parse(Body)!);
        Assert.Equal(first["spec"]!.ToJsonString(), second["spec"]!.ToJsonString());
        Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)second["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public void Becoming_a_cluster_service_gives_node_ports_back()
    {
        _api.Create(Path, """
            {"metadata":{"name":"a"},"spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local","ports":[{"port":80}]}}
            """);
        var spec = _api.Merge(Path + "/a", """{"spec":{"type":"ClusterIP"}}""")["spec"]!;
        Assert.Null(spec["ports"]![0]!["nodePort"]);
        Assert.Null(spec["externalTrafficPolicy"]);
        Assert.Null(spec["allocateLoadBalancerNodePorts"]);
        Assert.Null(spec["healthCheckNodePort"]);
        Assert.NotNull(spec["clusterIP"]);
    }

    [Fact]
    public void Becoming_a_cluster_service_leaves_the_status_to_the_load_balancer_which_can_only_clear_it()
    {
        _api.Create(Path, """{"metadata":{"name":"a"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""");
        _api.Merge(Path + "/a/status", """{"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}}""");
        var left = _api.Merge(Path + "/a", """{"spec":{"type":"ClusterIP"}}""");
        Assert.Equal("""[{"ip":"1.2.3.4","ipMode":"VIP"}]""", left["status"]!["loadBalancer"]!["ingress"]!.ToJsonString());
        var refused = _api.Refused(
            422, ApiVerb.Patch, Path + "/a/status", """{"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.5"}]}}}""",
            contentType: "application/merge-patch+json");
        Assert.Contains("may only be used when `spec.type` is 'LoadBalancer'", refused, System.StringComparison.Ordinal);
        var cleared = _api.Merge(Path + "/a/status", """{"status":{"loadBalancer":{"ingress":null}}}""");
        Assert.Null(cleared["status"]!["loadBalancer"]!["ingress"]);
    }

    [Fact]
    public void Every_service_gets_an_address_of_its_own_and_deletion_frees_it()
    {
        var small = new TestApi(new ApiStoreOptions { ServiceRangeV4 = FerroLB.Protocols.Primitives.IpPrefix.Parse("10.96.0.0/28") });
        string Make(string name) => (string)small.Create(Path,
            $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"ports":[{"port":80}]}}""")["spec"]!["clusterIP"]!;
        var addresses = Enumerable.Range(0, 13).Select(i => Make("s" + i)).ToList();
        Assert.Equal(13, addresses.Distinct().Count());
        Assert.Contains("range of IPv4 is full", small.Refused(500, ApiVerb.Create, Path,
            """{"metadata":{"name":"more"},"spec":{"ports":[{"port":80}]}}"""), System.StringComparison.Ordinal);
        small.Delete(Path + "/s4");
        Assert.Equal(addresses[4], Make("more"));
    }

    [Fact]
    public void Status_and_spec_are_written_apart()
    {
        var service = _api.Create(Path, """
            {"metadata":{"name":"a"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]},
             "status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}}
            """);
        Assert.Equal("""{"loadBalancer":{}}""", service["status"]!.ToJsonString());
        var updated = _api.Merge(Path + "/a/status",
            """{"spec":{"type":"ClusterIP"},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}}""");
        Assert.Equal("""[{"ip":"1.2.3.4","ipMode":"VIP"}]""", updated["status"]!["loadBalancer"]!["ingress"]!.ToJsonString());
        Assert.Equal("LoadBalancer", (string?)updated["spec"]!["type"]);
        var replaced = _api.Merge(Path + "/a", """{"metadata":{"labels":{"x":"y"}},"status":null}""");
        Assert.Equal("1.2.3.4", (string?)replaced["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
    }

    [Fact]
    public void Services_are_selected_by_type() =>
        Assert.Equal(["lb"], Names("""{"metadata":{"name":"lb"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}"""));

    private string[] Names(string body)
    {
        _api.Create(Path, body);
        return [.. _api.List(Path, "fieldSelector=spec.type=LoadBalancer")["items"]!.AsArray().Select(item =>
            (string)item!["metadata"]!["name"]!)];
    }
}
