using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Tests.Admission;
using Xunit;

namespace FerroLB.Tests.Deploy;

/// <summary>
/// What the definitions in deploy/crds refuse and accept by themselves, while no webhook answers. Whatever they refuse, FerroLB would
/// refuse as well, so nothing that works is kept out.
/// </summary>
public sealed class CrdRuleTests(CrdApi api) : IClassFixture<CrdApi>
{
    private const string Peer = """ "myASN":64500,"peerASN":64501,"peerAddress":"192.0.2.1" """;
    private const string Where = """{"matchExpressions":[{"key":"k","operator":"OP"}]}""";
    private const string WhereValue = """{"matchExpressions":[{"key":"k","operator":"OP","values":["v"]}]}""";

    public static TheoryData<string, string, string> Refused => new()
    {
        { "IPAddressPool", """{"addresses":[]}""", "spec.addresses: Invalid value: \"array\": at least one prefix or range is needed" },
        { "IPAddressPool", """{"addresses":["10.0.0.1"]}""", "spec.addresses[0]: Invalid value: \"string\": must be a prefix such as" },
        {
            "IPAddressPool", """{"addresses":["10.0.0.0/24","no-where"]}""",
            "spec.addresses[1]: Invalid value: \"string\": must be a prefix"
        },
        { "IPAddressPool", """{"addresses":[""]}""", "must be a prefix such as" },
        { "IPAddressPool", """{"addresses":["10.0.0.0/24 "]}""", "must be a prefix such as" },
        { "IPAddressPool", """{"addresses":["10.0.0.0/33"]}""", "a prefix length of at most 32" },
        { "IPAddressPool", """{"addresses":["10.0.0/24"]}""", "must have four numbers in each IPv4 address" },
        { "IPAddressPool", """{"addresses":["10.0.0.1-10.0.0"]}""", "must have four numbers in each IPv4 address" },
        { "IPAddressPool", """{"addresses":["100.200.300.400/24"]}""", "must not have a number above 255 in an IPv4 address" },
        { "IPAddressPool", """{"addresses":["10.0.0.1-10.0.0.256"]}""", "must not have a number above 255" },
        { "IPAddressPool", """{"addresses":["2001:db8::/129"]}""", "must have a prefix length of at most 128" },
        {
            "IPAddressPool", """{"addresses":["10.0.0.0/24"],"serviceAllocation":{"serviceSelectors":[SEL]}}""".Sel(Where, "In"),
            "spec.serviceAllocation.serviceSelectors[0].matchExpressions[0]: Invalid value: \"object\": In and NotIn need values"
        },
        {
            "IPAddressPool", """{"addresses":["10.0.0.0/24"],"serviceAllocation":{"namespaceSelectors":[SEL]}}""".Sel(Where, "NotIn"),
            "In and NotIn need values"
        },
        { "L2Advertisement", """{"nodeSelectors":[SEL]}""".Sel(Where, "Near"), "operator: Unsupported value: \"Near\": supported values" },
        { "L2Advertisement", """{"serviceSelectors":[SEL]}""".Sel(WhereValue, "Exists"), "Exists and DoesNotExist must have none" },
        { "L2Advertisement", """{"ipAddressPoolSelectors":[SEL]}""".Sel(WhereValue, "DoesNotExist"), "Exists and DoesNotExist must have" },
        {
            "L2Advertisement", """{"preferredNodeSelectors":[{"weight":1,"preference":SEL}]}""".Sel(Where, "In"),
            "spec.preferredNodeSelectors[0].preference.matchExpressions[0]: Invalid value: \"object\": In and NotIn need values"
        },
        { "L2Advertisement", """{"preferredNodeSelectors":[{"weight":0,"preference":{}}]}""", "greater than or equal to 1" },
        { "L2Advertisement", """{"preferredNodeSelectors":[{"weight":101,"preference":{}}]}""", "less than or equal to 100" },
        { "BGPAdvertisement", """{"aggregationLength":33}""", "spec.aggregationLength in body should be less than or equal to 32" },
        { "BGPAdvertisement", """{"aggregationLength":0}""", "spec.aggregationLength in body should be greater than or equal to 1" },
        { "BGPAdvertisement", """{"aggregationLengthV6":129}""", "spec.aggregationLengthV6 in body should be less than or equal to 128" },
        { "BGPAdvertisement", """{"aggregationLengthV6":-1}""", "spec.aggregationLengthV6 in body should be greater than or equal to 0" },
        { "BGPAdvertisement", """{"localPref":-1}""", "spec.localPref in body should be greater than or equal to 0" },
        {
            "BGPAdvertisement", """{"aggregationLength":24,"serviceSelectors":[{}]}""",
            "serviceSelectors and aggregation exclude each other"
        },
        {
            "BGPAdvertisement", """{"aggregationLengthV6":64,"serviceSelectors":[{}]}""",
            "serviceSelectors and aggregation exclude each other"
        },
        { "BGPAdvertisement", """{"nodeSelectors":[SEL]}""".Sel(Where, "In"), "In and NotIn need values" },
        { "Community", """{"communities":[{"name":"a"}]}""", "spec.communities[0]: Invalid value: \"object\": value is missing" },
        {
            "Community", """{"communities":[{"name":"a","value":"64500:1"},{"name":"b","value":"65536:1"}]}""",
            "spec.communities[1].value: Invalid value: \"string\": must be a community of two numbers up to 65535"
        },
        { "Community", """{"communities":[{"name":"a","value":"1:65536"}]}""", "must be a community of two numbers" },
        { "Community", """{"communities":[{"name":"a","value":"64500"}]}""", "must be a community of two numbers" },
        { "Community", """{"communities":[{"name":"a","value":"1:2:3"}]}""", "must be a community of two numbers" },
        { "Community", """{"communities":[{"name":"a","value":"no-export"}]}""", "must be a community of two numbers" },
        { "Community", """{"communities":[{"name":"a","value":"large:1:2"}]}""", "must be a community of two numbers" },
        { "Community", """{"communities":[{"name":"a","value":"large:1:2:x"}]}""", "must be a community of two numbers" },
        { "BFDProfile", """{"receiveInterval":9}""", "spec.receiveInterval in body should be greater than or equal to 10" },
        { "BFDProfile", """{"receiveInterval":60001}""", "spec.receiveInterval in body should be less than or equal to 60000" },
        { "BFDProfile", """{"transmitInterval":9}""", "spec.transmitInterval in body should be greater than or equal to 10" },
        { "BFDProfile", """{"transmitInterval":60001}""", "spec.transmitInterval in body should be less than or equal to 60000" },
        { "BFDProfile", """{"echoInterval":9}""", "spec.echoInterval in body should be greater than or equal to 10" },
        { "BFDProfile", """{"echoInterval":60001}""", "spec.echoInterval in body should be less than or equal to 60000" },
        { "BFDProfile", """{"detectMultiplier":1}""", "spec.detectMultiplier in body should be greater than or equal to 2" },
        { "BFDProfile", """{"detectMultiplier":256}""", "spec.detectMultiplier in body should be less than or equal to 255" },
        { "BFDProfile", """{"minimumTtl":0}""", "spec.minimumTtl in body should be greater than or equal to 1" },
        { "BFDProfile", """{"minimumTtl":255}""", "spec.minimumTtl in body should be less than or equal to 254" },
        { "BGPPeer", """{"peerASN":1,"peerAddress":"192.0.2.1"}""", "spec.myASN: Required value" },
        { "BGPPeer", """{"myASN":0,"peerASN":1,"peerAddress":"192.0.2.1"}""", "spec.myASN: Invalid value: \"integer\": must not be 0" },
        {
            "BGPPeer", """{"myASN":4294967296,"peerASN":1,"peerAddress":"192.0.2.1"}""",
            "spec.myASN in body should be less than or equal to 4"
        },
        { "BGPPeer", $$"""{{{Peer}},"localASN":0}""", "spec.localASN in body should be greater than or equal to 1" },
        { "BGPPeer", """{"myASN":1,"peerAddress":"192.0.2.1"}""", "exactly one of peerASN and dynamicASN must be set" },
        { "BGPPeer", """{"myASN":1,"peerASN":0,"peerAddress":"192.0.2.1"}""", "exactly one of peerASN and dynamicASN must be set" },
        { "BGPPeer", $$"""{{{Peer}},"dynamicASN":"internal"}""", "exactly one of peerASN and dynamicASN must be set" },
        { "BGPPeer", """{"myASN":1,"peerAddress":"192.0.2.1","dynamicASN":"any"}""", "spec.dynamicASN: Unsupported value: \"any\"" },
        { "BGPPeer", """{"myASN":1,"peerASN":2}""", "exactly one of peerAddress and interface must be set" },
        { "BGPPeer", $$"""{{{Peer}},"interface":"eth0"}""", "exactly one of peerAddress and interface must be set" },
        {
            "BGPPeer", """{"myASN":1,"peerASN":1,"peerAddress":"192.0.2.1","ebgpMultiHop":true}""",
            "ebgpMultiHop must not be set when peerASN is the same as myASN"
        },
        {
            "BGPPeer", """{"myASN":1,"peerASN":2,"peerAddress":"1.1.1"}""",
            "spec.peerAddress: Invalid value: \"string\": must be an IPv4 or"
        },
        { "BGPPeer", """{"myASN":1,"peerASN":2,"peerAddress":"router"}""", "must be an IPv4 or IPv6 address" },
        { "BGPPeer", """{"myASN":1,"peerASN":2,"peerAddress":"192.0.2.256"}""", "must be an IPv4 or IPv6 address" },
        { "BGPPeer", $$"""{{{Peer}},"sourceAddress":"x"}""", "spec.sourceAddress: Invalid value: \"string\": must be an IPv4 or IPv6" },
        {
            "BGPPeer", $$"""{{{Peer}},"routerID":"2001:db8::1"}""",
            "spec.routerID: Invalid value: \"string\": must have the form of an IPv4"
        },
        { "BGPPeer", $$"""{{{Peer}},"routerID":"0.0.0.0"}""", "and not be 0.0.0.0" },
        { "BGPPeer", $$"""{{{Peer}},"peerPort":0}""", "spec.peerPort in body should be greater than or equal to 1" },
        { "BGPPeer", $$"""{{{Peer}},"peerPort":16385}""", "spec.peerPort in body should be less than or equal to 16384" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"90"}""", "spec.holdTime: Invalid value: \"string\": must be a duration with units" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"2s"}""", "spec.holdTime: Invalid value: \"string\": must be 0s, or from 3s to 65535s" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"65536s"}""", "must be 0s, or from 3s to 65535s" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"-9s"}""", "must be a duration with units" },
        { "BGPPeer", $$"""{{{Peer}},"keepaliveTime":"soon"}""", "spec.keepaliveTime: Invalid value: \"string\": must be a duration" },
        { "BGPPeer", $$"""{{{Peer}},"keepaliveTime":"900ms"}""", "keepaliveTime without holdTime must be 0s or at least 1s" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"30s","keepaliveTime":"31s"}""", "keepaliveTime must not be longer than holdTime" },
        { "BGPPeer", $$"""{{{Peer}},"connectTime":"0s"}""", "connectTime must be between 1s and 65535s" },
        { "BGPPeer", $$"""{{{Peer}},"connectTime":"65536s"}""", "connectTime must be between 1s and 65535s" },
        { "BGPPeer", $$"""{{{Peer}},"connectTime":"1500ms"}""", "connectTime must be a whole number of seconds" },
        {
            "BGPPeer", $$"""{{{Peer}},"password":"x","passwordSecret":{"name":"s"} }""",
            "at most one of password and passwordSecret may be set"
        },
        { "BGPPeer", $$"""{{{Peer}},"password":"PASSWORD"}""".Replace("PASSWORD", new('x', 81), StringComparison.Ordinal), "Too long" },
        { "BGPPeer", $$"""{{{Peer}},"nodeSelectors":[SEL]}""".Sel(Where, "Near"), "operator: Unsupported value: \"Near\"" },
        { "BGPPeer", $$"""{{{Peer}},"nodeSelectors":[SEL]}""".Sel(Where, "In"), "In and NotIn need values" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_fault_of_one_object_is_refused_and_FerroLB_would_refuse_it_too(string kind, string spec, string text)
    {
        var (code, body) = api.Create(kind, spec);
        Assert.Equal(422, code);
        Assert.Contains(text, body["message"]!.ToString());
        var verdict = Reviews.Ask("CREATE", CrdApi.Object(kind, spec), Reviews.With(new()));
        // That its AS is absent cannot even be written in the other way; that a peer's port is 0 is how old objects say 179.
        Assert.True(!verdict.Allowed || spec.Contains("\"peerPort\":0", StringComparison.Ordinal), $"{kind} {spec}");
    }

    public static TheoryData<string, string> Accepted => new()
    {
        { "IPAddressPool", """{"addresses":["10.0.0.5/24","10.1.0.0/32"]}""" },
        { "IPAddressPool", """{"addresses":["0.0.0.0/0","::/0"]}""" },
        { "IPAddressPool", """{"addresses":[" 10.0.0.1 - 10.0.0.6 ","10.1.0.0-10.1.255.255","10.2.0.1\t-\t10.2.0.2"]}""" },
        { "IPAddressPool", """{"addresses":["2001:DB8::/64","2001:db8:1::1-2001:db8:1::300","fe80::1/128"]}""" },
        { "IPAddressPool", """{"addresses":["::ffff:10.0.0.0/120","2001:db8:2::9-2001:db8:2::ffff"]}""" },
        { "IPAddressPool", """{"addresses":["10.0.0.0/24"],"serviceAllocation":{"priority":-5,"namespaces":["a"]}}""" },
        { "IPAddressPool", """{"addresses":["10.0.0.0/24"],"serviceAllocation":{"serviceSelectors":[SEL]}}""".Sel(WhereValue, "In") },
        { "IPAddressPool", """{"addresses":["10.0.0.0/24"],"serviceAllocation":{"namespaceSelectors":[SEL]}}""".Sel(Where, "Exists") },
        { "L2Advertisement", "{}" },
        { "L2Advertisement", """{"nodeSelectors":[{}],"interfaces":["eth0","eth0"]}""" },
        { "L2Advertisement", """{"serviceSelectors":[SEL]}""".Sel(Where, "DoesNotExist") },
        { "BGPAdvertisement", "{}" },
        { "BGPAdvertisement", """{"aggregationLength":32,"aggregationLengthV6":128,"serviceSelectors":[{}],"localPref":2147483647}""" },
        { "BGPAdvertisement", """{"communities":["64500:1","large:1:2:3","alias","x:y:z"],"peers":["a"],"ipAddressPools":["b"]}""" },
        { "Community", "{}" },
        { "Community", """{"communities":[{"name":"a","value":"65535:65535"},{"name":"b","value":"0:0"},{"value":"00064:7"}]}""" },
        { "Community", """{"communities":[{"name":"a","value":"large:4294967295:4294967295:4294967295"}]}""" },
        { "BFDProfile", "{}" },
        {
            "BFDProfile",
            """{"receiveInterval":10,"transmitInterval":60000,"detectMultiplier":255,"echoInterval":10,"echoMode":true,"minimumTtl":254}"""
        },
        { "BGPPeer", $$"""{{{Peer}}}""" },
        { "BGPPeer", """{"myASN":4294967295,"dynamicASN":"external","interface":"eth0","disableMP":true,"vrf":"red"}""" },
        { "BGPPeer", """{"myASN":1,"peerASN":1,"peerAddress":"2001:db8::1","sourceAddress":"2001:DB8::2","ebgpMultiHop":false}""" },
        { "BGPPeer", """{"myASN":1,"peerASN":2,"peerAddress":"::ffff:192.0.2.1","ebgpMultiHop":true}""" },
        { "BGPPeer", """{"myASN":1,"dynamicASN":"internal","peerAddress":"192.0.2.255","ebgpMultiHop":true,"peerPort":16384}""" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"1m30s","keepaliveTime":"30s","connectTime":"1m","routerID":"10.0.0.1"}""" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"0s","keepaliveTime":"0s"}""" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"0"}""" },
        { "BGPPeer", $$"""{{{Peer}},"keepaliveTime":"1s"}""" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"3s","keepaliveTime":"1500ms"}""" },
        { "BGPPeer", $$"""{{{Peer}},"holdTime":"18h12m15s","keepaliveTime":"6h"}""" },
        { "BGPPeer", $$"""{{{Peer}},"password":"x","passwordSecret":{"name":""} }""" },
        { "BGPPeer", $$"""{{{Peer}},"passwordSecret":{"name":"s","namespace":"any"},"enableGracefulRestart":true}""" },
        { "BGPPeer", $$"""{{{Peer}},"dualStackAddressFamily":true,"bfdProfile":"later","localASN":64999,"nodeSelectors":[{}]}""" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void What_FerroLB_accepts_is_accepted(string kind, string spec)
    {
        var (code, body) = api.Create(kind, spec);
        Assert.True(code == 201, body.ToJsonString());
        var verdict = Reviews.Ask("CREATE", CrdApi.Object(kind, spec), Reviews.With(new()));
        Assert.True(verdict.Allowed, verdict.Message);
    }

    private static string Range(int number) => $"10.{number / 250}.{number % 250}.1-10.{number / 250}.{number % 250}.9";

    [Fact]
    public void A_pool_of_ten_thousand_ranges_is_accepted_and_of_one_more_is_not()
    {
        static string Pool(int count) => new JsonObject
        {
            ["addresses"] = new JsonArray([.. Enumerable.Range(0, count).Select(Range).Select(range => JsonValue.Create(range))]),
        }.ToJsonString();
        Assert.Equal(201, api.Create("IPAddressPool", Pool(10_000)).Code);
        Assert.Contains("Too many", api.Create("IPAddressPool", Pool(10_001)).Body["message"]!.ToString());
    }
}

/// <summary>Puts selectors into specs.</summary>
file static class SelectorText
{
    public static string Sel(this string spec, string selector, string question) =>
        spec.Replace("SEL", selector.Replace("OP", question, StringComparison.Ordinal), StringComparison.Ordinal);
}
