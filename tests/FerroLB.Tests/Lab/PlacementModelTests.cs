using System;
using System.Linq;
using System.Text;
using FerroLB.ApiServer.Store;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>
/// Where the lab expects an address that two nodes are candidates for, of which node-4 comes first by its hash; every node has eth0, and
/// none has eth7.
/// </summary>
public sealed class PlacementModelTests
{
    private const string NowhereForAll = """{"interfaces":["eth7"]}""";
    private const string AnywhereForZoneA = """{"nodeSelectors":[{"matchLabels":{"zone":"a"}}]}""";

    private static readonly IpAddress Address = IpAddress.Parse("10.20.2.3");

    private readonly ApiFront _api = new(new VirtualWorld(5));
    private readonly StoreMirror _mirror;

    public PlacementModelTests()
    {
        CreateKind("IPAddressPool", "ipaddresspools");
        CreateKind("L2Advertisement", "l2advertisements");
        Create("v1", "Node", "nodes", """{"name":"node-2","labels":{"zone":"a"}}""", "{}", null);
        Create("v1", "Node", "nodes", """{"name":"node-4","labels":{"zone":"b"}}""", "{}", null);
        Create("metallb.io/v1beta1", "IPAddressPool", "ipaddresspools", """{"name":"p"}""", """{"addresses":["10.20.2.0/29"]}""");
        Create(
            "v1", "Service", "services", """{"name":"web"}""",
            """{"type":"LoadBalancer","externalTrafficPolicy":"Cluster","ports":[{"port":80,"protocol":"TCP"}]}""");
        Do(Request("v1", "services", "default", """{"status":{"loadBalancer":{"ingress":[{"ip":"10.20.2.3"}]}}}""") with
        {
            Verb = ApiVerb.Patch,
            Name = "web",
            Subresource = "status",
            ContentType = "application/merge-patch+json",
        });
        Do(Request("discovery.k8s.io/v1", "endpointslices", "default", """
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
            "metadata":{"name":"web-1","labels":{"kubernetes.io/service-name":"web"}},
            "endpoints":[{"addresses":["10.244.0.1"],"nodeName":"node-2","conditions":{"ready":true}}]}
            """));
        _mirror = new(_api);
    }

    [Fact]
    public void Hashes_decide_among_nodes_that_have_an_interface() =>
        Assert.Equal(["node-4 on eth0"], Expected(areInterfacesStated: true, "{}"));

    [Fact]
    public void A_node_that_may_use_none_of_its_interfaces_leaves_the_address_to_one_that_may() =>
        Assert.Equal(["node-2 on eth0"], Expected(areInterfacesStated: true, NowhereForAll, AnywhereForZoneA));

    [Fact]
    public void Where_speakers_do_not_know_the_interfaces_of_others_nobody_steps_in() =>
        Assert.Equal([], Expected(areInterfacesStated: false, NowhereForAll, AnywhereForZoneA));

    [Fact]
    public void Where_no_node_may_use_an_interface_nobody_announces() =>
        Assert.Equal([], Expected(areInterfacesStated: true, NowhereForAll));

    private string[] Expected(bool areInterfacesStated, params string[] advertisements)
    {
        for (var i = 0; i < advertisements.Length; i++)
        {
            Create(
                "metallb.io/v1beta1", "L2Advertisement", "l2advertisements", $$"""{"name":"adv-{{i}}"}""", advertisements[i]);
        }
        _mirror.Reopen();
        var rules = new AllocationRules(
            [.. _mirror.Pools.Objects.Values], _ => throw new InvalidOperationException(), [.. _mirror.Services.Objects.Values]);
        var expected = new PlacementModel(_mirror, rules, _ => true, areInterfacesStated).Expected(["eth0"]);
        return [.. expected[Address].Select(place => $"{place.Node} on {place.Interface}")];
    }

    private void CreateKind(string kind, string plural) => Create(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", $$"""{"name":"{{plural}}.metallb.io"}""",
        $$$$"""
        {"group":"metallb.io","scope":"Namespaced","names":{"kind":"{{{{kind}}}}","listKind":"{{{{kind}}}}List",
        "plural":"{{{{plural}}}}","singular":"{{{{plural[..^1]}}}}"},"versions":[{"name":"v1beta1","served":true,"storage":true,
        "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}
        """, null);

    private void Create(string version, string kind, string resource, string metadata, string spec, string? ns = "default") =>
        Do(Request(version, resource, ns, $$"""
            {"apiVersion":"{{version}}","kind":"{{kind}}","metadata":{{metadata}},"spec":{{spec}}}
            """));

    private static ApiRequest Request(string version, string resource, string? ns, string body) => new()
    {
        Verb = ApiVerb.Create,
        Group = version.Contains('/', StringComparison.Ordinal) ? version.Split('/')[0] : "",
        Version = version.Split('/')[^1],
        Resource = resource,
        Namespace = ns,
        Body = Encoding.UTF8.GetBytes(body),
    };

    private void Do(ApiRequest request)
    {
        var response = _api.Do(request, "user");
        Assert.True(response.StatusCode is 200 or 201, Encoding.UTF8.GetString(response.Body.Span));
    }
}
