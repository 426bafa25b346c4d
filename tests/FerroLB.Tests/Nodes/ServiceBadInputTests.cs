using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using Xunit;
using static FerroLB.Tests.Nodes.ControllerWorld;

namespace FerroLB.Tests.Nodes;

/// <summary>What users and other programs write into Services: a clear answer, and no trouble for the neighbours.</summary>
public sealed class ServiceBadInputTests
{
    private readonly ControllerWorld _world = new ControllerWorld().Pool("a", "192.0.2.0/28 2001:db8::/124");

    [Theory]
    [InlineData("blanks around", " 192.0.2.7 ", "192.0.2.7")]
    [InlineData("tabs and new lines around", "\t192.0.2.7\n", "192.0.2.7")]
    [InlineData("IPv4 in IPv6 clothes", "::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("IPv4 in IPv6 clothes, all in hexadecimal", "::FFFF:C000:207", "192.0.2.7")]
    public void Request_that_can_be_understood_is_met(string row, string value, string address)
    {
        _world.Service("web", Annotated("metallb.io/loadBalancerIPs", value)).Start();
        Assert.Equal((row, address), (row, _world.Addresses("web")));
    }

    [Theory]
    [InlineData("2001:DB8::A", "2001:db8::a")]
    [InlineData("2001:0db8:0000:0000:0000:0000:0000:000a", "2001:db8::a")]
    [InlineData("2001:db8::0.0.0.10", "2001:db8::a")]
    public void Every_way_of_writing_an_IPv6_address_is_understood(string value, string address)
    {
        _world.Service("web", Annotated("metallb.io/loadBalancerIPs", value), "fd00::1").Start();
        Assert.Equal(address, _world.Addresses("web"));
        Assert.Equal(["IPAllocated"], _world.Events("web"));
    }

    [Theory]
    [InlineData("blank inside", "192.0. 2.7")]
    [InlineData("comma alone", ",")]
    [InlineData("comma at the end", "192.0.2.7,")]
    [InlineData("blanks only", "   ")]
    [InlineData("prefix", "192.0.2.7/32")]
    [InlineData("port", "192.0.2.7:80")]
    [InlineData("range", "192.0.2.7-192.0.2.8")]
    [InlineData("leading zero", "192.0.2.07")]
    [InlineData("too few", "192.0.2")]
    [InlineData("too large", "192.0.2.256")]
    [InlineData("brackets", "[2001:db8::7]")]
    [InlineData("zone", "fe80::1%eth0")]
    [InlineData("name", "lb.example.com")]
    [InlineData("other digits", "١٩٢.٠.٢.٧")]
    [InlineData("nothing readable", "\u0000\u0001\uFFFD")]
    [InlineData("JSON", """["192.0.2.7"]""")]
    public void Request_that_cannot_be_understood_is_answered_and_harms_nobody(string row, string value)
    {
        _world.Service("bad", Annotated("metallb.io/loadBalancerIPs", value)).Service("field", With("loadBalancerIP", value)).Start();
        _world.Service("good");
        foreach (var name in new[] { "bad", "field" })
        {
            Assert.Equal((row, "", "False InvalidRequest"), (row, _world.Addresses(name), _world.Condition(name)));
            Assert.Equal(["AllocationFailed"], _world.Events(name));
        }
        Assert.Equal("192.0.2.0", _world.Addresses("good"));
        _world.Service("bad", Annotated("metallb.io/loadBalancerIPs", "192.0.2.9"));
        Assert.Equal("192.0.2.9", _world.Addresses("bad"));
    }

    [Fact]
    public void Field_holds_one_address_only()
    {
        _world.Service("web", service =>
        {
            With("loadBalancerIP", "192.0.2.7,2001:db8::7")(service);
            With("ipFamilyPolicy", "RequireDualStack")(service);
        }, "10.96.0.1", "fd00::1").Start();
        Assert.Equal("False InvalidRequest", _world.Condition("web"));
    }

    [Theory]
    [InlineData("metallb.io/loadBalancerIPs", "InvalidRequest")]
    [InlineData("metallb.io/address-pool", "UnknownPool")]
    public void Endless_value_is_quoted_in_part(string annotation, string reason)
    {
        _world.Service("web", Annotated(annotation, string.Concat(Enumerable.Repeat("9.9.9.9,", 30_000)))).Service("good").Start();
        Assert.Equal("False " + reason, _world.Condition("web"));
        var message = _world.Find("web")!["status"]!["conditions"]![0]!["message"]!.ToString();
        Assert.InRange(message.Length, 40, 300);
        Assert.Contains("(240000 characters)", message);
        Assert.All(
            _world.Api.Requests.Where(request => request.Resource == KubeResource.Events),
            request => Assert.InRange(request.Body.Length, 1, 2_000));
        Assert.Equal("192.0.2.0", _world.Addresses("good"));
    }

    [Fact]
    public void Endless_sharing_key_works_and_is_quoted_in_part()
    {
        _world.Service("one", Sharing(new string('x', 100_000), 80)).Start();
        _world.Service("two", Sharing(new string('x', 100_000), 81)).Service("three", service =>
        {
            Sharing(new string('y', 100_000), 82)(service);
            Annotated("metallb.io/loadBalancerIPs", "192.0.2.0")(service);
        });
        Assert.Equal("192.0.2.0", _world.Addresses("two"));
        Assert.Equal("False SharingKeyDiffers", _world.Condition("three"));
        Assert.InRange(_world.Find("three")!["status"]!["conditions"]![0]!["message"]!.ToString().Length, 40, 500);
    }

    [Theory]
    [InlineData("another way of writing it", """[{"ip":"2001:DB8:0::A"}]""", "2001:DB8:0::A")]
    [InlineData("IPv4 in IPv6 clothes for an IPv6 Service", """[{"ip":"::ffff:192.0.2.7"}]""", "2001:db8::")]
    [InlineData("zone", """[{"ip":"2001:db8::a%eth0"}]""", "2001:db8::")]
    [InlineData("empty entry", """[{}]""", "2001:db8::")]
    [InlineData("empty address", """[{"ip":""}]""", "2001:db8::")]
    [InlineData("the same twice", """[{"ip":"2001:db8::a"},{"ip":"2001:db8::a"}]""", "2001:db8::")]
    [InlineData("address as a host name", """[{"hostname":"2001:db8::a"}]""", "2001:db8::")]
    public void Status_that_somebody_else_wrote(string row, string ingress, string address)
    {
        _world.Service("web", service => service["status"] = JsonNode.Parse($$"""{"loadBalancer":{"ingress":{{ingress}} } }"""), "fd00::1")
            .Start();
        Assert.Equal((row, address), (row, _world.Addresses("web")));
        var patches = _world.Api.AcceptedPatches;
        _world.Restart(seed: 8).Start();
        Assert.Equal(patches, _world.Api.AcceptedPatches);
    }

    [Fact]
    public void Status_with_a_thousand_entries_is_replaced_at_once()
    {
        _world.Service("web", WithStatus([.. Enumerable.Range(0, 1000).Select(i => $"10.0.{i / 250}.{i % 250}")])).Service("good").Start();
        Assert.Equal(["192.0.2.0", "192.0.2.1"], new[] { _world.Addresses("web"), _world.Addresses("good") }.Order());
    }

    [Fact]
    public void A_thousand_unreadable_requests_cost_a_few_looks_each_and_none_later()
    {
        for (var i = 0; i < 1000; i++)
            _world.Service($"bad{i:D4}", Annotated("metallb.io/loadBalancerIPs", $"192.0.2.{i + 256}"));
        _world.Service("zzz").Start();
        Assert.Equal("192.0.2.0", _world.Addresses("zzz"));
        Assert.InRange(_world.Harness.Metrics["metallb_k8s_client_updates_total"], 1001, 3100);
        var before = _world.Harness.Metrics["metallb_k8s_client_updates_total"];
        _world.Delete("zzz").Service("new");
        Assert.Equal("192.0.2.0", _world.Addresses("new"));
        Assert.InRange(_world.Harness.Metrics["metallb_k8s_client_updates_total"] - before, 1, 5);
    }

    private static Action<JsonObject> Sharing(string key, int port) => service =>
    {
        Annotated("metallb.io/allow-shared-ip", key)(service);
        With("ports", new JsonArray(new JsonObject { ["port"] = port, ["protocol"] = "TCP" }))(service);
    };
}
