using System;
using System.Globalization;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;
using Xunit;

namespace FerroLB.Interop.Controller;

/// <summary>
/// What a user reads who applies a faulty configuration with kubectl: from the definitions when one object alone is wrong, from the webhook
/// when it does not fit to the others. Every object that stays is valid, so the tests do not disturb each other.
/// </summary>
public sealed class ConfigurationAdmissionTests(WebhookCluster cluster) : IClassFixture<WebhookCluster>
{
    private const string Peer = "myASN: 64500, peerASN: 64501, peerAddress: 192.0.2.1";

    public static TheoryData<string, string, string> FaultsOfOneObject => new()
    {
        { "IPAddressPool", "addresses: [10.0.0.1]", "spec.addresses[0]: Invalid value: \"string\": must be a prefix such as 192.0.2.0/24" },
        { "IPAddressPool", "addresses: []", "at least one prefix or range is needed" },
        { "IPAddressPool", "addresses: [100.200.300.400/24]", "must not have a number above 255 in an IPv4 address" },
        { "L2Advertisement", "nodeSelectors: [{matchExpressions: [{key: k, operator: Near}]}]", "Unsupported value: \"Near\"" },
        { "L2Advertisement", "nodeSelectors: [{matchExpressions: [{key: k, operator: In}]}]", "In and NotIn need values" },
        { "BGPAdvertisement", "aggregationLength: 33", "spec.aggregationLength in body should be less than or equal to 32" },
        { "BGPAdvertisement", "{aggregationLength: 24, serviceSelectors: [{}]}", "serviceSelectors and aggregation exclude each other" },
        { "Community", "communities: [{name: a, value: no-export}]", "must be a community of two numbers up to 65535" },
        { "BFDProfile", "detectMultiplier: 1", "spec.detectMultiplier in body should be greater than or equal to 2" },
        { "BGPPeer", "{myASN: 1, peerASN: 2, peerAddress: 1.1.1}", "spec.peerAddress: Invalid value: \"string\": must be an IPv4 or IPv6" },
        { "BGPPeer", "{myASN: 0, peerASN: 2, peerAddress: 192.0.2.1}", "spec.myASN: Invalid value: \"integer\": must not be 0" },
        { "BGPPeer", "{myASN: 1, peerAddress: 192.0.2.1}", "exactly one of peerASN and dynamicASN must be set" },
        { "BGPPeer", $"{{{Peer}, interface: eth0}}", "exactly one of peerAddress and interface must be set" },
        { "BGPPeer", $"{{{Peer}, holdTime: 2s}}", "spec.holdTime: Invalid value: \"string\": must be 0s, or from 3s to 65535s" },
        { "BGPPeer", $"{{{Peer}, holdTime: 30s, keepaliveTime: 31s}}", "keepaliveTime must not be longer than holdTime" },
        { "BGPPeer", $"{{{Peer}, password: x, passwordSecret: {{name: s}}}}", "at most one of password and passwordSecret may be set" },
    };

    [Theory]
    [MemberData(nameof(FaultsOfOneObject))]
    public async Task A_fault_of_one_object_is_refused_by_the_definitions(string kind, string spec, string text)
    {
        CommandResult refused = await cluster.ApplyAsync(Manifest(kind, "odd", spec));
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(text, refused.Errors, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> FaultsBesideOthers => new()
    {
        { "IPAddressPool", "addresses: [10.66.0.9-10.66.0.1]", "is a range whose start lies after its end" },
        { "IPAddressPool", "addresses: [10.66.0.1-2001:db8::1]", "is a range from one address family to the other" },
        { "IPAddressPool", "addresses: [10.66.0.0/24, 10.66.0.0/28]", "overlaps spec.addresses[0] of the same pool" },
        { "IPAddressPool", "addresses: [10.65.0.4-10.65.0.5]", "overlaps pool \"rules\"" },
        { "L2Advertisement", "ipAddressPools: [a, a]", "spec.ipAddressPools[1] \"a\" is listed twice" },
        {
            "BGPAdvertisement", "{aggregationLength: 26, ipAddressPools: [rules]}",
            "spec.aggregationLength \"26\" is shorter than the prefix length 28 of \"10.65.0.0/28\" in IPAddressPool \"rules\""
        },
        { "BGPAdvertisement", "{localPref: 7, ipAddressPools: [rules]}", "differs from 0 in BGPAdvertisement \"rules\"" },
        { "BGPAdvertisement", "communities: ['65536:1']", "spec.communities[0] \"65536:1\" is not a community" },
        { "BGPAdvertisement", "communities: ['large:1:2:x']", "spec.communities[0] \"large:1:2:x\" is not a community" },
        { "Community", "communities: [{name: rules, value: '1:1'}]", "\"rules\" is defined by Community \"rules\" already" },
        { "Community", "communities: [{name: b, value: '1:1'}, {name: b, value: '1:2'}]", "\"b\" is defined twice in the object" },
        { "BGPPeer", $"{{{Peer}}}", "is the same peer (192.0.2.1 port 179) as in BGPPeer \"rules\"" },
        { "BGPPeer", "{myASN: 64999, peerASN: 1, peerAddress: 192.0.2.9}", "spec.myASN \"64999\" differs from 64500" },
    };

    [Theory]
    [MemberData(nameof(FaultsBesideOthers))]
    public async Task What_does_not_fit_to_the_others_is_refused_by_the_webhook(string kind, string spec, string text)
    {
        await ApplyOthersAsync();
        CommandResult? refused = null;
        // The webhook decides by its picture, which follows the API server by a moment.
        await cluster.UntilAsync($"{kind} {spec} is refused", async () =>
        {
            refused = await cluster.Kubectl.RunWithInputAsync(Manifest(kind, "odd", spec), "create", "--dry-run=server", "-f", "-");
            return refused.ExitCode != 0;
        });
        var webhook = kind.ToLower(CultureInfo.InvariantCulture) + "validationwebhook.metallb.io";
        Assert.Contains(
            $"admission webhook \"{webhook}\" denied the request: {kind} metallb-system/odd: ", refused!.Errors, StringComparison.Ordinal);
        Assert.Contains(text, refused.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BGPPeer", "{myASN: 64500, peerASN: 1, peerAddress: 192.0.2.7, bfdProfile: later, passwordSecret: {name: later}}")]
    [InlineData("BGPAdvertisement", "{communities: [later], peers: [later], ipAddressPools: [later]}")]
    [InlineData("L2Advertisement", "ipAddressPools: [later]")]
    public async Task References_to_what_may_come_later_are_accepted(string kind, string spec) =>
        Assert.Equal(
            "", (await cluster.Kubectl.RunWithInputAsync(Manifest(kind, "later", spec), "create", "--dry-run=server", "-f", "-")).Errors);

    [Theory]
    [InlineData("IPAddressPool", "addresses: [10.67.0.0/24]")]
    [InlineData("L2Advertisement", "{}")]
    [InlineData("BGPAdvertisement", "{}")]
    [InlineData("BGPPeer", "{myASN: 1, peerASN: 2, peerAddress: 192.0.2.7}")]
    [InlineData("BFDProfile", "{}")]
    [InlineData("Community", "{}")]
    public async Task Every_kind_is_refused_in_another_namespace(string kind, string spec)
    {
        var stray = Manifest(kind, "stray", spec).Replace("metallb-system", "default", StringComparison.Ordinal);
        CommandResult refused = await cluster.ApplyAsync(stray);
        Assert.Contains(
            $"{kind} default/stray: metadata.namespace \"default\" is not FerroLB's namespace", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("Create it in namespace \"metallb-system\".", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_in_use_cannot_be_deleted_until_its_peer_is_gone()
    {
        await ApplyAsync("BFDProfile", "busy", "{}");
        await ApplyAsync("BGPPeer", "busy", "{myASN: 64500, peerASN: 1, peerAddress: 192.0.2.8, bfdProfile: busy}");
        CommandResult? refused = null;
        await cluster.UntilAsync("the deletion is refused", async () =>
        {
            refused = await cluster.Kubectl.RunAsync(
                "delete", "bfdprofile", "busy", "-n", ControllerProcess.Namespace, "--dry-run=server");
            return refused.ExitCode != 0;
        });
        Assert.Contains("the profile is used by BGPPeer \"busy\"", refused!.Errors, StringComparison.Ordinal);
        await cluster.Kubectl.OkAsync("delete", "bgppeer", "busy", "-n", ControllerProcess.Namespace);
        await cluster.UntilAsync("the profile goes", async () => (await cluster.Kubectl.RunAsync(
            "delete", "bfdprofile", "busy", "-n", ControllerProcess.Namespace)).ExitCode == 0);
    }

    [Fact]
    public async Task DisableMP_earns_a_warning()
    {
        CommandResult applied = await cluster.Kubectl.RunWithInputAsync(
            Manifest("BGPPeer", "mp", "{myASN: 64500, peerASN: 1, peerAddress: 192.0.2.6, disableMP: true}"),
            "create", "--dry-run=server", "-f", "-");
        Assert.Equal(0, applied.ExitCode);
        Assert.Contains("Warning: spec.disableMP is deprecated and has no effect", applied.Errors, StringComparison.Ordinal);
    }

    private async Task ApplyOthersAsync()
    {
        await ApplyAsync("IPAddressPool", "rules", "addresses: [10.65.0.0/28]");
        await ApplyAsync("BGPAdvertisement", "rules", "ipAddressPools: [rules]");
        await ApplyAsync("Community", "rules", "communities: [{name: rules, value: '64500:1'}]");
        await ApplyAsync("BGPPeer", "rules", $"{{{Peer}}}");
    }

    private async Task ApplyAsync(string kind, string name, string spec)
    {
        CommandResult applied = await cluster.ApplyAsync(Manifest(kind, name, spec));
        Assert.True(applied.ExitCode == 0, applied.Errors + cluster.Controller.Log);
    }

    private static string Manifest(string kind, string name, string spec) => $$"""
        apiVersion: metallb.io/{{(kind == "BGPPeer" ? "v1beta2" : "v1beta1")}}
        kind: {{kind}}
        metadata: {name: {{name}}, namespace: metallb-system}
        spec: {{(spec.StartsWith('{') ? spec : $"{{{spec}}}")}}
        """;
}
