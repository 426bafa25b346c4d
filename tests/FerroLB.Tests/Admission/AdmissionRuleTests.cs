using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Admission;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Admission.Reviews;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Admission;

/// <summary>Reviews of objects that are sound on their own, beside others.</summary>
public sealed class AdmissionRuleTests
{
    private const string Peer64500 = """ "myASN":64500,"peerASN":64501,"peerAddress":"192.0.2.1" """;

    public static TheoryData<string, string, string> Denied => new()
    {
        { "IPAddressPool", """{"addresses":["10.0.0.9-10.0.0.1"]}""", "spec.addresses[0] \"10.0.0.9-10.0.0.1\" is a range whose start" },
        { "IPAddressPool", """{"addresses":["10.0.0.1-2001:db8::1"]}""", "is a range from one address family to the other" },
        { "IPAddressPool", """{"addresses":["10.7.0.0/24","10.7.0.7/32"]}""", "overlaps spec.addresses[0] of the same pool" },
        { "IPAddressPool", """{"addresses":["10.0.0.4/32"]}""", "overlaps pool \"wide\"" },
        {
            "IPAddressPool", """{"addresses":["10.7.0.0/24"],"serviceAllocation":{"namespaces":["a","a"]}}""",
            "spec.serviceAllocation.namespaces[1] \"a\" is listed twice"
        },
        { "L2Advertisement", """{"ipAddressPools":["a","a"]}""", "spec.ipAddressPools[1] \"a\" is listed twice" },
        { "BGPAdvertisement", """{"communities":["x:y"]}""", "spec.communities[0] \"x:y\" is not a community" },
        { "BGPAdvertisement", """{"communities":["1:1","1:1"]}""", "spec.communities[1] \"1:1\" is listed twice" },
        { "BGPAdvertisement", """{"peers":["a","a"]}""", "spec.peers[1] \"a\" is listed twice" },
        {
            "BGPAdvertisement", """{"aggregationLength":26,"ipAddressPools":["narrow"]}""",
            "spec.aggregationLength \"26\" is shorter than the prefix length 28 of \"10.9.0.0/28\" in IPAddressPool \"narrow\""
        },
        { "BGPAdvertisement", """{"localPref":100}""", "spec.localPref \"100\" differs from 0 in BGPAdvertisement \"all\"" },
        { "Community", """{"communities":[{"name":"gold","value":"1:9"}]}""", "\"gold\" is defined by Community \"names\" already" },
        {
            "Community", """{"communities":[{"name":"a","value":"1:1"},{"name":"a","value":"1:2"}]}""",
            "\"a\" is defined twice in the object"
        },
        { "BGPPeer", $$"""{{{Peer64500}}}""", "is the same peer (192.0.2.1 port 179) as in BGPPeer \"tor\" on node \"n1\"" },
        {
            "BGPPeer", """{"myASN":64999,"peerASN":1,"peerAddress":"192.0.2.9"}""",
            "spec.myASN \"64999\" differs from 64500 in BGPPeer \"tor\" on node \"n1\""
        },
        {
            "BGPPeer", """{"myASN":64500,"peerASN":1,"peerAddress":"192.0.2.9","sourceAddress":"2001:db8::1"}""",
            "is not of the same address family"
        },
    };

    [Theory]
    [MemberData(nameof(Denied))]
    public void What_the_controller_would_not_use_is_denied(string kind, string spec, string text)
    {
        var verdict = Ask("CREATE", Item(kind, "odd", spec), Present());
        Assert.Equal(403, verdict.Code);
        Assert.StartsWith($"{kind} lb/odd: ", verdict.Message, StringComparison.Ordinal);
        Assert.Contains(text, verdict.Message);
        Assert.DoesNotContain("in force", verdict.Message);
    }

    public static TheoryData<string, string> Allowed => new()
    {
        { "BGPPeer", """{"myASN":64500,"peerASN":64501,"peerAddress":"192.0.2.9","bfdProfile":"later"}""" },
        { "BGPPeer", """{"myASN":64500,"peerASN":64501,"peerAddress":"192.0.2.9","passwordSecret":{"name":"later"}}""" },
        { "BGPPeer", $$"""{{{Peer64500}},"vrf":"red"}""" },
        { "BGPPeer", $$"""{{{Peer64500}},"peerPort":180}""" },
        { "BGPPeer", $$"""{{{Peer64500}},"nodeSelectors":[{"matchLabels":{"rack":"none"} }]}""" },
        { "BGPAdvertisement", """{"communities":["later"],"peers":["later"],"ipAddressPools":["later"]}""" },
        { "L2Advertisement", """{"ipAddressPools":["later"]}""" },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void References_to_what_may_come_later_and_what_goes_together_are_allowed(string kind, string spec)
    {
        var verdict = Ask("CREATE", Item(kind, "odd", spec), Present());
        Assert.True(verdict.Allowed, verdict.Message);
    }

    [Fact]
    public void DisableMP_earns_a_warning_and_no_exemption()
    {
        var fine = Ask(
            "CREATE", Item("BGPPeer", "p", """{"myASN":64500,"peerASN":1,"peerAddress":"192.0.2.9","disableMP":true}"""), Present());
        Assert.True(fine.Allowed);
        Assert.Equal(["spec.disableMP is deprecated and has no effect"], fine.Warnings);
        Assert.Equal(403, Ask("CREATE", Item("BGPPeer", "p", $$"""{{{Peer64500}},"disableMP":true}"""), Present()).Code);
    }

    [Fact]
    public void A_pool_that_an_advertisement_in_order_could_not_be_used_for_is_denied_with_the_advertisement_named()
    {
        var present = With(Sources(Pool("p", "10.0.0.0/16"), BgpAd("ad", new() { AggregationLength = 24 })));
        var verdict = Ask("UPDATE", Item("IPAddressPool", "p", """{"addresses":["10.0.0.0/28"]}"""), present);
        Assert.Equal(403, verdict.Code);
        Assert.StartsWith("BGPAdvertisement lb/ad: spec.aggregationLength \"24\" is shorter than the prefix length 28", verdict.Message);
    }

    [Fact]
    public void A_pool_of_IPv6_for_a_peer_with_echo_and_echo_for_a_peer_with_IPv6_are_denied()
    {
        var profile = Profile("echo", profile => profile with { EchoMode = true });
        BgpPeer peer = Peer("tor", spec => spec with { BfdProfile = "echo" });
        var withoutV6 = With(Sources(Pool("p", "10.0.0.0/16"), BgpAd("ad"), profile, peer));
        Assert.Contains(
            "BGPPeer lb/tor: spec.bfdProfile \"echo\" names a profile with echoMode",
            Ask("CREATE", Item("IPAddressPool", "six", """{"addresses":["2001:db8::/64"]}"""), withoutV6).Message);
        var withoutEcho = With(Sources(Pool("p", "2001:db8::/64"), BgpAd("ad"), Profile("echo"), peer));
        Assert.Equal(403, Ask("UPDATE", Item("BFDProfile", "echo", """{"echoMode":true}"""), withoutEcho).Code);
        Assert.True(Ask("UPDATE", Item("BFDProfile", "echo", """{"detectMultiplier":5}"""), withoutEcho).Allowed);
    }

    [Fact]
    public void Removing_an_alias_that_is_used_is_allowed_because_it_may_come_back()
    {
        var present = With(Sources(Aliases("names", "gold=1:1", "tin=1:2"), BgpAd("ad", new() { Communities = ["gold"] })));
        Assert.True(Ask("UPDATE", Item("Community", "names", """{"communities":[{"name":"tin","value":"1:2"}]}"""), present).Allowed);
    }

    [Fact]
    public void A_faulty_annotation_is_denied()
    {
        var item = Item("BGPPeer", "p", """{"myASN":64500,"peerASN":1,"peerAddress":"192.0.2.9"}""");
        item["metadata"]!["annotations"] = new JsonObject { ["ferrolb.io/ttl-security-hops"] = "many" };
        Assert.Contains(
            "metadata.annotations[ferrolb.io/ttl-security-hops] \"many\" is not a number", Ask("CREATE", item, Present()).Message);
    }

    [Fact]
    public void Nodes_decide_whether_peers_meet()
    {
        var nodes = new[] { NodeOf("n1", "rack=a"), NodeOf("n2", "rack=b") };
        var present = With(Sources([Peer("tor", spec => spec with { NodeSelectors = [Labelled("rack=a")] }), .. nodes]));
        var elsewhere = $$"""{{{Peer64500}},"nodeSelectors":[{"matchLabels":{"rack":"b"} }]}""";
        Assert.True(Ask("CREATE", Item("BGPPeer", "p", elsewhere), present).Allowed);
        Assert.False(Ask("CREATE", Item("BGPPeer", "p", $$"""{{{Peer64500}}}"""), present).Allowed);
    }

    [Fact]
    public void A_review_among_ten_thousand_objects_stays_affordable()
    {
        KubeObject[] objects =
        [
            .. Enumerable.Range(0, 5000).Select(i => Pool($"pool-{i}", $"10.{i / 250}.{i % 250}.0/24")),
            .. Enumerable.Range(0, 5000).Select(i => PeerAt($"peer-{i}", $"172.16.{i / 250}.{i % 250}")),
        ];
        var present = With(Sources(objects));
        Assert.Empty(present.InForce.Rejections);
        var verdict = Ask("CREATE", Item("IPAddressPool", "z", """{"addresses":["10.19.249.9/32"]}"""), present);
        Assert.Contains("overlaps pool \"pool-4999\"", verdict.Message);
    }

    private static AdmissionContext Present() => With(Sources(
        Pool("wide", "10.0.0.0/16"), Pool("narrow", "10.9.0.0/28"), BgpAd("all"), Aliases("names", "gold=1:1"), Peer("tor"), NodeOf("n1"),
        Pool("broken", "nonsense"), Peer("wrong", spec => spec with { MyAsn = 0 })));

    private static JsonObject Item(string kind, string name, string spec)
    {
        var item = Object(kind, name, new { }, kind == "BGPPeer" ? "v1beta2" : "v1beta1");
        item["spec"] = JsonNode.Parse(spec);
        return item;
    }
}
