using System.Text;
using System.Text.Json.Nodes;
using FerroLB.Core.Admission;
using Xunit;

namespace FerroLB.Tests.Admission;

public sealed class PeerConversionTests
{
    private const string Old = "metallb.io/v1beta1";
    private const string New = "metallb.io/v1beta2";

    [Theory]
    [InlineData("apiextensions.k8s.io/v1")]
    [InlineData("apiextensions.k8s.io/v1beta1")]
    public void The_answer_is_of_the_review_version_that_was_asked_with(string version)
    {
        var answer = Convert(New, [Peer(Old, new() { ["myASN"] = 1 })], version);
        Assert.Equal(version, (string?)answer["apiVersion"]);
        Assert.Equal("ConversionReview", (string?)answer["kind"]);
        Assert.Equal("u-7", (string?)answer["response"]!["uid"]);
        Assert.Equal("Success", (string?)answer["response"]!["result"]!["status"]);
    }

    [Fact]
    public void Everything_of_an_old_peer_is_kept_and_what_is_absent_stays_absent()
    {
        var spec = (JsonObject)JsonNode.Parse(
            """
            {"myASN":64500,"peerASN":64501,"peerAddress":"192.0.2.1","sourceAddress":"192.0.2.2","peerPort":1179,"routerID":"10.0.0.1",
            "nodeSelectors":[{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}],
            "password":"x","bfdProfile":"fast","ebgpMultiHop":true}
            """)!;
        var converted = ConvertOne(New, Peer(Old, (JsonObject)spec.DeepClone()));
        Assert.Equal(New, (string?)converted["apiVersion"]);
        Assert.True(JsonNode.DeepEquals(spec, converted["spec"]));
    }

    [Fact]
    public void Explicit_timers_are_kept_and_port_0_becomes_absent()
    {
        var spec = new JsonObject { ["myASN"] = 1, ["holdTime"] = "0s", ["keepaliveTime"] = "30s", ["peerPort"] = 0 };
        var converted = ConvertOne(New, Peer(Old, spec))["spec"]!;
        Assert.Equal("0s", (string?)converted["holdTime"]);
        Assert.Equal("30s", (string?)converted["keepaliveTime"]);
        Assert.Null(converted["peerPort"]);
    }

    [Fact]
    public void New_fields_are_dropped_for_the_old_version()
    {
        var spec = new JsonObject
        {
            ["myASN"] = 1, ["peerASN"] = 2, ["peerAddress"] = "192.0.2.1", ["vrf"] = "red", ["connectTime"] = "5s", ["localASN"] = 3,
            ["passwordSecret"] = new JsonObject { ["name"] = "s" }, ["enableGracefulRestart"] = true, ["disableMP"] = true,
            ["dualStackAddressFamily"] = true, ["dynamicASN"] = "internal", ["interface"] = "eth0", ["bfdProfile"] = "fast",
        };
        var converted = ConvertOne(Old, Peer(New, spec));
        var expected = new JsonObject { ["myASN"] = 1, ["peerASN"] = 2, ["peerAddress"] = "192.0.2.1", ["bfdProfile"] = "fast" };
        Assert.Equal(Old, (string?)converted["apiVersion"]);
        Assert.True(JsonNode.DeepEquals(expected, converted["spec"]), converted.ToJsonString());
    }

    [Fact]
    public void A_peer_without_timers_survives_the_way_there_and_back()
    {
        var spec = new JsonObject { ["myASN"] = 1, ["peerASN"] = 2, ["peerAddress"] = "192.0.2.1", ["peerPort"] = 179 };
        var back = ConvertOne(New, ConvertOne(Old, Peer(New, (JsonObject)spec.DeepClone())));
        Assert.True(JsonNode.DeepEquals(spec, back["spec"]), back.ToJsonString());
    }

    [Fact]
    public void Selectors_have_no_absent_parts_in_the_old_version()
    {
        var selectors = JsonNode.Parse("""[{},{"matchExpressions":[{"key":"k","operator":"Exists"}]}]""");
        var converted = ConvertOne(Old, Peer(New, new() { ["nodeSelectors"] = selectors }))["spec"]!["nodeSelectors"]!;
        Assert.Equal(
            """[{"matchLabels":{},"matchExpressions":[]},""" +
            """{"matchLabels":{},"matchExpressions":[{"key":"k","operator":"Exists","values":[]}]}]""",
            converted.ToJsonString());
    }

    [Fact]
    public void What_is_outside_of_spec_is_untouched()
    {
        var peer = Peer(Old, new() { ["myASN"] = 1 });
        peer["metadata"]!["annotations"] = new JsonObject { ["a"] = "b" };
        peer["status"] = new JsonObject();
        var converted = ConvertOne(New, peer);
        Assert.True(JsonNode.DeepEquals(peer["metadata"], converted["metadata"]));
        Assert.NotNull(converted["status"]);
    }

    [Fact]
    public void Several_objects_keep_their_order_and_those_of_the_right_version_pass_through()
    {
        var answer = Convert(New, [Peer(Old, new() { ["myASN"] = 1 }), Peer(New, new() { ["myASN"] = 2, ["vrf"] = "red" })]);
        var objects = answer["response"]!["convertedObjects"]!.AsArray();
        Assert.Equal(1, (int?)objects[0]!["spec"]!["myASN"]);
        Assert.Equal("red", (string?)objects[1]!["spec"]!["vrf"]);
    }

    [Fact]
    public void What_cannot_be_converted_is_said_and_nothing_is_converted()
    {
        var stranger = Peer(Old, []);
        stranger["kind"] = "Community";
        var answer = Convert(New, [Peer(Old, []), stranger]);
        Assert.Equal("Failed", (string?)answer["response"]!["result"]!["status"]);
        Assert.Equal("Only BGPPeer objects can be converted.", (string?)answer["response"]!["result"]!["message"]);
        Assert.Empty(answer["response"]!["convertedObjects"]!.AsArray());
        Assert.Contains("no version", (string?)Convert("metallb.io/v3", [Peer(Old, [])])["response"]!["result"]!["message"]);
        Assert.Contains(
            "cannot be converted", (string?)Convert(New, [Peer("metallb.io/v3", [])])["response"]!["result"]!["message"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{}}""")]
    [InlineData("""{"apiVersion":"apiextensions.k8s.io/v7","kind":"ConversionReview","request":{"uid":"u"}}""")]
    [InlineData("""{"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{"uid":"\ud800"}}""")]
    public void What_is_no_review_is_answered_with_400(string body) =>
        Assert.Equal(400, AdmissionDesk.Answer(AdmissionDesk.ConversionPath, Encoding.UTF8.GetBytes(body), null).StatusCode);

    [Theory]
    [InlineData("""{"nodeSelectors":[1,null,{"matchExpressions":[7,{}],"matchLabels":3}]}""")]
    [InlineData("""{"nodeSelectors":{}}""")]
    [InlineData("3")]
    public void Any_shape_of_spec_gets_an_answer(string spec)
    {
        var peer = Peer(New, []);
        peer["spec"] = JsonNode.Parse(spec);
        Assert.Equal("Success", (string?)Convert(Old, [peer])["response"]!["result"]!["status"]);
    }

    private static JsonObject Peer(string version, JsonObject spec) => new()
    {
        ["apiVersion"] = version,
        ["kind"] = "BGPPeer",
        ["metadata"] = new JsonObject { ["name"] = "tor", ["namespace"] = "lb", ["uid"] = "u" },
        ["spec"] = spec,
    };

    private static JsonObject ConvertOne(string desired, JsonObject peer) =>
        (JsonObject)Convert(desired, [peer])["response"]!["convertedObjects"]![0]!;

    private static JsonNode Convert(string desired, JsonObject[] objects, string reviewVersion = "apiextensions.k8s.io/v1")
    {
        var request = new JsonObject { ["uid"] = "u-7", ["desiredAPIVersion"] = desired, ["objects"] = new JsonArray() };
        foreach (var item in objects)
            request["objects"]!.AsArray().Add(item.DeepClone());
        var review = new JsonObject { ["apiVersion"] = reviewVersion, ["kind"] = "ConversionReview", ["request"] = request };
        var answer = AdmissionDesk.Answer(AdmissionDesk.ConversionPath, Reviews.Bytes(review), null);
        Assert.Equal(200, answer.StatusCode);
        return JsonNode.Parse(answer.Body.Span)!;
    }
}
