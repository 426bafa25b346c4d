using System;
using System.Linq;
using System.Text;
using FerroLB.Core;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Kube.Json;

public sealed class KubeJsonTests
{
    private const string Service =
        """
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop","uid":"u","resourceVersion":"7",
          "creationTimestamp":"2030-01-02T03:04:05Z",
         "labels":{"b":"2","a":"1"},"annotations":{"metallb.io/address-pool":"p",
          "kubectl.kubernetes.io/last-applied-configuration":"{...}"},"managedFields":[{}]},
         "spec":{"type":"LoadBalancer","clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1","fd00::1"],
          "ipFamilies":["IPv4","IPv6"],"ipFamilyPolicy":"PreferDualStack",
          "externalTrafficPolicy":"Local","loadBalancerClass":"c","selector":{"app":"web"},
          "ports":[{"name":"http","port":80,"targetPort":"x","nodePort":30001},{"port":53,"protocol":"UDP"}]},
         "status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1","ipMode":"VIP"},{"hostname":"h"}]},
          "conditions":[{"type":"T","status":"True","reason":"R","message":"m"}]}}
        """;

    private readonly StringTable _strings = new();

    [Fact]
    public void Service_is_read_with_the_fields_in_use_and_nothing_else()
    {
        var service = Read(KubeKinds.Services, Service)!;
        Assert.Equal(new ObjectKey("shop", "web"), service.Key);
        Assert.Equal(["a", "b"], service.Metadata.Labels!.Keys);
        Assert.Equal(["metallb.io/address-pool"], service.Metadata.Annotations!.Keys);
        Assert.Equal(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), service.Metadata.CreationTimestamp);
        Assert.Equal(["10.0.0.1", "fd00::1"], service.Spec.ClusterIPs);
        Assert.Equal([new ServicePort("TCP", 80), new ServicePort("UDP", 53)], service.Spec.Ports!);
        var ingress = service.Status.Ingress;
        Assert.Equal(("192.0.2.1", "VIP", "h"), (ingress[0].Ip, ingress[0].IpMode, ingress[1].Hostname));
        Assert.Equal("True", service.Status.Conditions.Single().Status);
    }

    [Fact]
    public void Null_fields_are_absent_fields()
    {
        var service = Read(
            KubeKinds.Services, """{"metadata":{"name":"x","labels":null},"spec":null,"status":{"loadBalancer":{"ingress":null}}}""")!;
        Assert.Null(service.Metadata.Labels);
        Assert.Null(service.Spec.Type);
        Assert.Empty(service.Status.Ingress);
    }

    [Theory]
    [InlineData(
        """{"metadata":{"name":"x"},"spec":{"ports":[{"port":80},{"port":"http"}]}}""", "spec.ports[1].port",
        "must be a whole number, found a string")]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"ports":[80]}}""", "spec.ports[0]", "must be an object, found a number")]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"clusterIPs":["a",1]}}""", "spec.clusterIPs[1]", "must be a string, found a number")]
    [InlineData(
        """{"metadata":{"name":"x"},"spec":{"ports":[{"port":4294967296}]}}""", "spec.ports[0].port", "must be a number of 32 bits")]
    [InlineData("""{"metadata":{"name":"x"},"spec":[]}""", "spec", "must be an object, found a list")]
    [InlineData(
        """{"metadata":{"name":"x","creationTimestamp":"yesterday"}}""",
        "metadata.creationTimestamp",
        "must be a time such as \"2030-01-31T12:00:00Z\", found a string")]
    [InlineData("""{"metadata":{}}""", "metadata.name", "must be set")]
    [InlineData("""{"metadata":{"name":"\ud800"}}""", "", "holds a string that is not valid Unicode")]
    [InlineData("[]", "", "must be an object, found a list")]
    public void Fault_names_the_path_and_the_problem(string json, string path, string problem)
    {
        Assert.Null(KubeKinds.Services.ReadObject(Encoding.UTF8.GetBytes(json), _strings, out var fault));
        Assert.Equal((path, problem), (fault!.Path, fault.Problem));
    }

    [Theory]
    [InlineData("""{"ready":true,"serving":false}""", true)]
    [InlineData("""{"ready":true}""", true)]
    [InlineData("""{"serving":false}""", true)]
    [InlineData("{}", true)]
    [InlineData("""{"ready":false,"serving":true,"terminating":true}""", true)]
    [InlineData("""{"ready":false,"serving":false}""", false)]
    [InlineData("""{"ready":false}""", false)]
    public void Endpoint_can_serve_if_ready_or_unsaid_or_still_serving(string conditions, bool expected)
    {
        var slice = Read(KubeKinds.EndpointSlices,
            $$$"""
            {"metadata":{"name":"s","namespace":"n","labels":{"kubernetes.io/service-name":"web"}},
             "endpoints":[{"addresses":["10.0.0.1"],"nodeName":"b","conditions":{{{conditions}}} }]}
            """)!;
        Assert.Equal(new ObjectKey("n", "web"), slice.Service);
        Assert.Equal((expected, expected), (slice.HasServing, slice.HasServingAddress));
        Assert.Equal(expected ? ["b"] : [], slice.ServingNodes);
    }

    [Fact]
    public void Slice_keeps_each_node_once_and_sorted()
    {
        var slice = Read(KubeKinds.EndpointSlices,
            """
            {"metadata":{"name":"s"},"endpoints":[{"nodeName":"b"},{"nodeName":"a"},{"nodeName":"b"},
             {"nodeName":"c","conditions":{"ready":false}},{"addresses":[]}]}
            """)!;
        Assert.Equal(["a", "b"], slice.ServingNodes);
        Assert.Null(slice.Service);
        Assert.False(slice.HasServingAddress);
    }

    [Fact]
    public void Node_is_reduced_to_what_decides_an_election()
    {
        var node = Read(KubeKinds.Nodes,
            """
            {"metadata":{"name":"n1","labels":{"a":"b"}},"status":{"images":[{}],
             "conditions":[{"type":"Ready","status":"Unknown"},{"type":"NetworkUnavailable","status":"True"}]}}
            """)!;
        Assert.Equal(("Unknown", true), (node.Ready, node.NetworkUnavailable));
    }

    [Fact]
    public void Secret_does_not_show_its_data()
    {
        var secret = Read(KubeKinds.Secrets, """{"metadata":{"name":"s","namespace":"n"},"data":{"password":"aHVudGVyMg=="}}""")!;
        Assert.Equal("aHVudGVyMg==", secret.Data!["password"]);
        Assert.DoesNotContain("aHVudGVyMg", $"{secret}");
    }

    [Fact]
    public void Bgp_kinds_are_read_and_a_peer_does_not_show_its_password()
    {
        var peer = Read(KubeKinds.BgpPeers,
            """
            {"metadata":{"name":"p"},"spec":{"myASN":64512,"peerASN":4294967295,"peerAddress":"192.0.2.1",
             "holdTime":"90s","routerID":"1.2.3.4",
             "password":"hunter2","passwordSecret":{"name":"s"},"ebgpMultiHop":true,"nodeSelectors":[{"matchLabels":{"a":"b"}}]}}
            """)!;
        var spec = peer.Spec!;
        Assert.Equal((64512, 4294967295, "90s", "s"), (spec.MyAsn, spec.PeerAsn, spec.HoldTime, spec.PasswordSecretName));
        Assert.DoesNotContain("hunter2", $"{peer}");
        var advertisement = Read(KubeKinds.BgpAdvertisements,
            """{"metadata":{"name":"a"},"spec":{"aggregationLength":24,"localPref":200,"communities":["65535:65281"],"peers":["p"]}}""")!;
        Assert.Equal((24, 200), (advertisement.Spec!.AggregationLength, advertisement.Spec.LocalPref));
        var profile = Read(KubeKinds.BfdProfiles, """{"metadata":{"name":"b"},"spec":{"receiveInterval":50,"echoMode":true}}""")!;
        Assert.Equal((50, true, null), (profile.ReceiveIntervalMilliseconds, profile.EchoMode, profile.DetectMultiplier));
        var community = Read(KubeKinds.Communities, """{"metadata":{"name":"c"},"spec":{"communities":[{"name":"n","value":"1:2"}]}}""")!;
        Assert.Equal([new CommunityAlias("n", "1:2")], community.Aliases);
    }

    [Fact]
    public void Status_patch_names_version_annotation_addresses_and_conditions()
    {
        var service = Read(KubeKinds.Services, Service)!;
        var body = KubePatch.ServiceStatus(service.Metadata, "k", null, [new ServiceIngress { Ip = "192.0.2.9", IpMode = "VIP" }], []);
        Assert.Equal(
            """{"metadata":{"uid":"u","resourceVersion":"7","annotations":{"k":null}},"status":""" +
            """{"loadBalancer":{"ingress":[{"ip":"192.0.2.9","ipMode":"VIP"}]},"conditions":null}}""",
            Encoding.UTF8.GetString(body.Span));
    }

    [Fact]
    public void Refusal_of_the_server_is_read_with_its_wish_for_rest()
    {
        var body = """{"kind":"Status","code":429,"reason":"TooManyRequests","message":"later","details":{"retryAfterSeconds":3}}"""u8;
        var status = KubeStatus.Read(body.ToArray());
        Assert.Equal(new KubeStatus(429, "TooManyRequests", "later", TimeSpan.FromSeconds(3)), status);
        Assert.Equal(new KubeStatus(0, "", "", null), KubeStatus.Read("<html>"u8.ToArray()));
        Assert.True(KubeStatus.Read("""{"reason":"Expired"}"""u8.ToArray()).IsGone);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var deep = new string('[', 10_000) + new string(']', 10_000);
        Assert.Null(Read(KubeKinds.Services, $$"""{"metadata":{"name":"x"},"spec":{{deep}} }"""));
    }

    [Fact]
    public void Mutated_objects_never_throw()
    {
        var random = new SeededRandom(42);
        byte[][] seeds =
        [
            Encoding.UTF8.GetBytes(Service),
            Encoding.UTF8.GetBytes($$"""{"metadata":{"resourceVersion":"1"},"items":[{{Service}}]}"""),
            Encoding.UTF8.GetBytes($$"""{"type":"ADDED","object":{{Service}} }"""),
        ];
        var deep = 0;
        for (var i = 0; i < 3000; i++)
        {
            var bytes = (byte[])seeds[i % seeds.Length].Clone();
            for (var n = random.Next(4); n >= 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            deep += JsonFuzz.Run(bytes.AsMemory(0, random.Chance(0.1) ? random.Next(bytes.Length) : bytes.Length)) > 0 ? 1 : 0;
        }
        Assert.InRange(deep, 100, 3000);
    }

    [Fact]
    public void Equal_short_strings_are_kept_once()
    {
        var first = Read(KubeKinds.Namespaces, """{"metadata":{"name":"x","labels":{"team":"blue"}}}""")!;
        var second = Read(KubeKinds.Namespaces, """{"metadata":{"name":"y","labels":{"team":"blue"}}}""")!;
        Assert.Same(first.Metadata.Labels!["team"], second.Metadata.Labels!["team"]);
    }

    private T? Read<T>(KubeKind<T> kind, string json)
        where T : KubeObject => kind.ReadObject(Encoding.UTF8.GetBytes(json), _strings, out _);
}
