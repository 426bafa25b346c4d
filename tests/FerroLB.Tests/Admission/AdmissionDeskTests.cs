using System;
using System.Text;
using FerroLB.Core.Admission;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Admission.Reviews;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Admission;

public sealed class AdmissionDeskTests
{
    private static readonly AdmissionContext Nothing = With(new());

    [Theory]
    [InlineData("/validate-metallb-io-v1beta1-ipaddresspool")]
    [InlineData("/validate-metallb-io-v1beta1-l2advertisement")]
    [InlineData("/validate-metallb-io-v1beta1-bgpadvertisement")]
    [InlineData("/validate-metallb-io-v1beta2-bgppeer")]
    [InlineData("/validate-metallb-io-v1beta1-community")]
    [InlineData("/validate-metallb-io-v1beta1-bfdprofile")]
    [InlineData("/convert")]
    public void Every_path_of_MetalLB_is_served(string path) => Assert.True(AdmissionDesk.Serves(path));

    [Fact]
    public void Another_path_is_not_found()
    {
        Assert.False(AdmissionDesk.Serves("/validate"));
        Assert.Equal(404, AdmissionDesk.Answer("/validate", default, Nothing).StatusCode);
    }

    [Fact]
    public void A_valid_object_is_allowed()
    {
        var verdict = Ask("CREATE", Object("IPAddressPool", "p", new { addresses = new[] { "10.0.0.0/24" } }), Nothing);
        Assert.True(verdict.Allowed);
        Assert.Empty(verdict.Warnings);
    }

    [Fact]
    public void An_invalid_object_is_denied_with_403_and_what_the_reconciler_would_say()
    {
        var verdict = Ask("CREATE", Object("IPAddressPool", "p", new { addresses = new[] { "10.0.0.9-10.0.0.1" } }), Nothing);
        Assert.False(verdict.Allowed);
        Assert.Equal(403, verdict.Code);
        Assert.StartsWith(
            "IPAddressPool lb/p: spec.addresses[0] \"10.0.0.9-10.0.0.1\" is a range whose start lies after its end. ", verdict.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_that_overlaps_another_is_denied_and_its_own_former_self_does_not_count()
    {
        var present = With(new() { Pools = [Pool("a", "10.0.0.0/24"), Pool("z", "10.0.9.0/24")] });
        var overlapping = Ask("CREATE", Object("IPAddressPool", "b", new { addresses = new[] { "10.0.9.4/32" } }), present);
        Assert.Equal(403, overlapping.Code);
        Assert.Contains("overlaps pool \"z\"", overlapping.Message);
        Assert.True(Ask("UPDATE", Object("IPAddressPool", "a", new { addresses = new[] { "10.0.0.0/25" } }), present).Allowed);
        Assert.False(Ask("UPDATE", Object("IPAddressPool", "a", new { addresses = new[] { "10.0.9.0/28" } }), present).Allowed);
    }

    [Fact]
    public void An_invalid_object_of_the_same_kind_does_not_block_another_one()
    {
        var present = With(new() { Pools = [Pool("bad", "nonsense"), Pool("clash", "10.0.0.0/24"), Pool("a", "10.0.0.0/24")] });
        Assert.Equal(2, present.InForce.Rejections.Length);
        Assert.True(Ask("CREATE", Object("IPAddressPool", "b", new { addresses = new[] { "10.0.7.0/24" } }), present).Allowed);
        Assert.True(Ask("UPDATE", Object("IPAddressPool", "a", new { addresses = new[] { "10.0.0.0/25" } }), present).Allowed);
        Assert.True(Ask("UPDATE", Object("IPAddressPool", "bad", new { addresses = new[] { "10.0.8.0/24" } }), present).Allowed);
    }

    [Theory]
    [InlineData("IPAddressPool", "v1beta1")]
    [InlineData("L2Advertisement", "v1beta1")]
    [InlineData("BGPAdvertisement", "v1beta1")]
    [InlineData("BGPPeer", "v1beta2")]
    [InlineData("BFDProfile", "v1beta1")]
    [InlineData("Community", "v1beta1")]
    public void Creating_in_another_namespace_is_denied(string kind, string version)
    {
        var verdict = Ask("CREATE", Object(kind, "x", new { addresses = new[] { "10.0.0.0/24" } }, version, "elsewhere"), Nothing);
        Assert.Equal(403, verdict.Code);
        Assert.Contains($"{kind} elsewhere/x: ", verdict.Message);
        Assert.Contains("Create it in namespace \"lb\"", verdict.Message);
    }

    [Fact]
    public void Updating_in_another_namespace_is_allowed_with_a_warning()
    {
        var item = Object("IPAddressPool", "x", new { addresses = new[] { "nonsense" } }, ns: "elsewhere");
        Assert.Contains("has no effect", Assert.Single(Ask("UPDATE", item, Nothing).Warnings));
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("CONNECT")]
    public void Other_operations_are_allowed(string operation) =>
        Assert.True(Ask(operation, Object("IPAddressPool", "p", new { addresses = new[] { "nonsense" } }), Nothing).Allowed);

    [Fact]
    public void A_status_write_and_an_object_that_is_being_deleted_are_never_held_back()
    {
        var item = Object("IPAddressPool", "p", new { addresses = new[] { "nonsense" } });
        Assert.True(Ask("UPDATE", item, Nothing, "status").Allowed);
        item["metadata"]!["deletionTimestamp"] = "2030-01-31T12:00:00Z";
        Assert.True(Ask("UPDATE", item, Nothing).Allowed);
    }

    [Fact]
    public void An_object_of_another_shape_is_denied_with_400()
    {
        var item = Object("IPAddressPool", "p", new { addresses = "10.0.0.0/24" });
        var verdict = Ask("CREATE", item, Nothing);
        Assert.Equal(400, verdict.Code);
        Assert.Equal("The IPAddressPool cannot be read: spec.addresses must be a list, found a string.", verdict.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":7}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v9","kind":"AdmissionReview","request":{"uid":"u-1"}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"\ud800"}}""")]
    public void What_is_no_review_is_answered_with_400(string body)
    {
        var answer = AdmissionDesk.Answer("/validate-metallb-io-v1beta1-ipaddresspool", Encoding.UTF8.GetBytes(body), Nothing);
        Assert.Equal(400, answer.StatusCode);
        Assert.StartsWith("The review cannot be read: ", Encoding.UTF8.GetString(answer.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Before_the_configuration_is_known_the_answer_is_503()
    {
        var review = Review("CREATE", Object("IPAddressPool", "p", new { }));
        Assert.Equal(503, AdmissionDesk.Answer("/validate-metallb-io-v1beta1-ipaddresspool", Bytes(review), null).StatusCode);
    }

    [Fact]
    public void Deleting_a_profile_that_a_peer_uses_is_denied()
    {
        var peer = new BgpPeer
        {
            Metadata = new() { Name = "tor", Namespace = "lb" },
            Spec = new() { MyAsn = 64500, PeerAsn = 64501, PeerAddress = "192.0.2.1", BfdProfile = "fast" },
        };
        var present = With(new() { BgpPeers = [peer] });
        var verdict = Ask("DELETE", Object("BFDProfile", "fast", new { }), present);
        Assert.Equal(403, verdict.Code);
        Assert.Equal(
            "BFDProfile lb/fast: the profile is used by BGPPeer \"tor\". Remove spec.bfdProfile from the peer first.", verdict.Message);
        Assert.True(Ask("DELETE", Object("BFDProfile", "slow", new { }), present).Allowed);
        Assert.True(Ask("DELETE", Object("BFDProfile", "fast", new { }, ns: "elsewhere"), present).Allowed);
    }
}
