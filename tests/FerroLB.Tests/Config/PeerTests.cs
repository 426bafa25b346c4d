using System;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class PeerTests
{
    [Fact]
    public void A_plain_peer_has_defaults_for_what_is_absent()
    {
        var peer = Compile(spec => spec);
        Assert.Equal(64500u, peer.MyAsn);
        Assert.Equal(64501u, peer.PeerAsn);
        Assert.Equal(IpAddress.Parse("192.0.2.1"), peer.Address);
        Assert.Equal(179, peer.Port);
        Assert.Equal("", peer.Vrf);
        Assert.Null(peer.HoldTime);
        Assert.Null(peer.KeepaliveTime);
        Assert.Null(peer.ConnectTime);
        Assert.Null(peer.Password);
        Assert.True(peer.CoversNode(Labels()));
        Assert.False(peer.IsPassive || peer.EbgpMultiHop || peer.GracefulRestart || peer.DualStack);
    }

    [Fact]
    public void Everything_that_a_session_needs_is_carried_over()
    {
        var written = Peer(
            "tor",
            spec => spec with
            {
                PeerAsn = null, DynamicAsn = "external", LocalAsn = 64999, PeerAddress = "2001:DB8::1", SourceAddress = "2001:db8::2",
                PeerPort = 1179, HoldTime = "1m30s", KeepaliveTime = "20s", ConnectTime = "5s", RouterId = "10.0.0.9",
                NodeSelectors = [Labelled("rack=1")], Password = "hidden words", BfdProfile = "fast", EnableGracefulRestart = true,
                Vrf = "red", DualStackAddressFamily = true, DisableMP = true,
            },
            "ferrolb.io/ttl-security-hops=2", "ferrolb.io/passive=true");
        var result = Build(written, Profile("fast"), BasicAuth("unrelated", "x"));
        Assert.Empty(result.Rejections);
        var peer = result.Config.FindPeer("tor")!;
        Assert.Equal((null, DynamicAsn.External, 64999u), (peer.PeerAsn, peer.DynamicAsn, peer.LocalAsn!.Value));
        Assert.Equal("2001:db8::1 port 1179 in VRF red", peer.Target);
        Assert.Equal("2001:db8::2", peer.SourceAddress.ToString());
        Assert.Equal([90, 20, 5], new[] { peer.HoldTime, peer.KeepaliveTime, peer.ConnectTime }.Select(time => time!.Value.TotalSeconds));
        Assert.Equal("10.0.0.9", peer.RouterId.ToString());
        Assert.True(peer.CoversNode(Labels("rack=1")));
        Assert.False(peer.CoversNode(Labels("rack=2")));
        Assert.Equal("hidden words", peer.Password!.Reveal());
        Assert.Equal("fast", result.Config.BfdProfileOf(peer)!.Name);
        Assert.True(peer.GracefulRestart && peer.DualStack && peer.IsPassive);
        Assert.Equal(2, peer.TtlSecurityHops);
    }

    [Fact]
    public void An_unnumbered_peer_has_an_interface_instead_of_an_address()
    {
        var peer = Compile(spec => spec with { PeerAddress = null, Interface = "eth1" });
        Assert.Equal(("eth1", null), (peer.Interface, peer.Address));
        Assert.Equal("eth1 port 179", peer.Target);
    }

    public static TheoryData<string, Func<BgpPeerSpec, BgpPeerSpec>, string> Faulty => new()
    {
        { "myASN 0", spec => spec with { MyAsn = 0 }, "spec.myASN \"0\" is not between 1 and 4294967295" },
        { "myASN absent", spec => spec with { MyAsn = null }, "spec.myASN \"0\" is not between 1 and 4294967295" },
        { "myASN too large", spec => spec with { MyAsn = 4294967296 }, "spec.myASN \"4294967296\" is not between 1 and 4294967295" },
        { "peerASN too large", spec => spec with { PeerAsn = 4294967296 }, "spec.peerASN \"4294967296\" is not between" },
        { "localASN 0", spec => spec with { LocalAsn = 0 }, "spec.localASN \"0\" is not between" },
        { "no remote AS", spec => spec with { PeerAsn = null }, "spec.peerASN is missing, and so is spec.dynamicASN" },
        { "remote AS 0", spec => spec with { PeerAsn = 0 }, "spec.peerASN is missing, and so is spec.dynamicASN" },
        {
            "both remote AS", spec => spec with { DynamicAsn = "internal" },
            "spec.dynamicASN \"internal\" is set together with spec.peerASN 64501"
        },
        {
            "unknown dynamicASN", spec => spec with { PeerAsn = null, DynamicAsn = "any" },
            "spec.dynamicASN \"any\" is neither \"internal\" nor \"external\""
        },
        {
            "multihop inside of an AS", spec => spec with { PeerAsn = 64500, EbgpMultiHop = true },
            "spec.ebgpMultiHop \"true\" is set, but spec.peerASN 64500 is the same as spec.myASN"
        },
        { "no target", spec => spec with { PeerAddress = null }, "spec.peerAddress is missing, and so is spec.interface" },
        {
            "two targets", spec => spec with { Interface = "eth1" },
            "spec.interface \"eth1\" is set together with spec.peerAddress \"192.0.2.1\""
        },
        { "bad address", spec => spec with { PeerAddress = "1.1.1" }, "spec.peerAddress \"1.1.1\" is not an IP address" },
        { "address with blanks", spec => spec with { PeerAddress = " 192.0.2.1" }, "spec.peerAddress \" 192.0.2.1\" is not an IP address" },
        { "a prefix", spec => spec with { PeerAddress = "192.0.2.0/24" }, "is not an IP address" },
        { "nobody's address", spec => spec with { PeerAddress = "0.0.0.0" }, "\"0.0.0.0\" is not the address of one host" },
        { "everybody's address", spec => spec with { PeerAddress = "255.255.255.255" }, "is not the address of one host" },
        { "a group of IPv4", spec => spec with { PeerAddress = "224.0.0.5" }, "is not the address of one host" },
        { "a group of IPv6", spec => spec with { PeerAddress = "ff02::1" }, "is not the address of one host" },
        { "bad source", spec => spec with { SourceAddress = "x" }, "spec.sourceAddress \"x\" is not an IP address" },
        {
            "source of another family", spec => spec with { SourceAddress = "2001:db8::1" },
            "spec.sourceAddress \"2001:db8::1\" is not of the same address family as spec.peerAddress \"192.0.2.1\""
        },
        { "bad router ID", spec => spec with { RouterId = "mine" }, "spec.routerID \"mine\" is not an IPv4 address other than 0.0.0.0" },
        { "router ID of IPv6", spec => spec with { RouterId = "2001:db8::1" }, "spec.routerID \"2001:db8::1\" is not an IPv4 address" },
        { "router ID 0", spec => spec with { RouterId = "0.0.0.0" }, "spec.routerID \"0.0.0.0\" is not an IPv4 address" },
        { "port too high", spec => spec with { PeerPort = 16385 }, "spec.peerPort \"16385\" is not between 1 and 16384" },
        { "negative port", spec => spec with { PeerPort = -1 }, "spec.peerPort \"-1\" is not between 1 and 16384" },
        { "short hold", spec => spec with { HoldTime = "2.9s" }, "spec.holdTime \"2.9s\" is neither 0 nor at least 3s" },
        { "long hold", spec => spec with { HoldTime = "65536s" }, "spec.holdTime \"65536s\" is longer than 65535s" },
        {
            "keepalive that makes a short hold", spec => spec with { KeepaliveTime = "900ms" },
            "spec.keepaliveTime \"900ms\" makes a hold time of three times as much, which is neither 0 nor at least 3s"
        },
        {
            "keepalive over hold", spec => spec with { HoldTime = "30s", KeepaliveTime = "31s" },
            "spec.keepaliveTime \"31s\" is longer than spec.holdTime \"30s\""
        },
        {
            "keepalive with hold 0", spec => spec with { HoldTime = "0s", KeepaliveTime = "1s" },
            "spec.keepaliveTime \"1s\" is longer than spec.holdTime \"0s\""
        },
        { "connect time 0", spec => spec with { ConnectTime = "0s" }, "spec.connectTime \"0s\" is not a whole number of seconds" },
        { "broken connect time", spec => spec with { ConnectTime = "1500ms" }, "is not a whole number of seconds from 1s to 65535s" },
        { "almost whole connect time", spec => spec with { ConnectTime = "1000000001ns" }, "is not a whole number of seconds" },
        { "long connect time", spec => spec with { ConnectTime = "65536s" }, "is not a whole number of seconds from 1s to 65535s" },
        {
            "two passwords", spec => spec with { Password = "x", PasswordSecretName = "s" },
            "spec.passwordSecret.name \"s\" is set together with spec.password"
        },
        { "long password", spec => spec with { Password = new('x', 81) }, "spec.password is longer than 80 bytes" },
        {
            "faulty selector", spec => spec with { NodeSelectors = [Where("k", "Like", "v")] },
            "spec.nodeSelectors[0].matchExpressions[0].operator \"Like\" is not an operator"
        },
        {
            "selector without operator", spec => spec with { NodeSelectors = [Where("k", null, "v")] },
            "spec.nodeSelectors[0].matchExpressions[0].operator is not an operator"
        },
        {
            "selector without key", spec => spec with { NodeSelectors = [Where(null, "Exists")] },
            "spec.nodeSelectors[0].matchExpressions[0].key is not a label key"
        },
        {
            "repeated value", spec => spec with { NodeSelectors = [Where("k", "In", "v", "v")] },
            "spec.nodeSelectors[0].matchExpressions[0].values \"v\" is listed twice"
        },
        {
            "repeated selector", spec => spec with { NodeSelectors = [Labelled("a=b"), Labelled("a=b")] },
            "spec.nodeSelectors[1] \"a=b;\" repeats an earlier selector of the list"
        },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public void A_faulty_peer_is_refused_with_the_reason(string what, Func<BgpPeerSpec, BgpPeerSpec> change, string text)
    {
        var result = Build(Peer("tor", change));
        var rejection = Assert.Single(result.Rejections);
        Assert.StartsWith("BGPPeer lb/tor: ", rejection.ToString(), StringComparison.Ordinal);
        Assert.True(rejection.ToString().Contains(text, StringComparison.Ordinal), $"{what}: {rejection}");
        Assert.False(rejection.IsMissingReference);
        Assert.Empty(result.Config.BgpPeers);
    }

    [Theory]
    [InlineData("ferrolb.io/passive=yes", "metadata.annotations[ferrolb.io/passive] \"yes\" is neither \"true\" nor \"false\"")]
    [InlineData("ferrolb.io/ttl-security-hops=0", "\"0\" is not a number from 1 to 254")]
    [InlineData("ferrolb.io/ttl-security-hops=255", "\"255\" is not a number from 1 to 254")]
    [InlineData("ferrolb.io/ttl-security-hops= 3", "\" 3\" is not a number from 1 to 254")]
    public void A_faulty_annotation_is_refused(string annotation, string text) =>
        Assert.Contains(text, Assert.Single(Build(Peer("tor", null, annotation)).Rejections).ToString());

    [Fact]
    public void Ttl_security_and_multihop_exclude_each_other()
    {
        var peer = Peer("tor", spec => spec with { EbgpMultiHop = true }, "ferrolb.io/ttl-security-hops=3");
        Assert.Contains(
            "metadata.annotations[ferrolb.io/ttl-security-hops] \"3\" is set together with spec.ebgpMultiHop",
            Assert.Single(Build(peer).Rejections).ToString());
    }

    [Theory]
    [InlineData("90s", null, 90_000, 30_000)]
    [InlineData(null, "20s", 60_000, 20_000)]
    [InlineData("0s", "0s", 0, 0)]
    [InlineData("0s", null, 0, 0)]
    [InlineData(null, "0s", 0, 0)]
    [InlineData("500ms", null, 0, 0)]
    [InlineData("3s", null, 3_000, 1_000)]
    [InlineData("3.5s", "3.2s", 3_000, 3_200)]
    [InlineData("65535s", "65535s", 65_535_000, 65_535_000)]
    public void Of_two_timers_one_follows_from_the_other(string? hold, string? keepalive, int holdMilliseconds, int keepaliveMilliseconds)
    {
        var peer = Compile(spec => spec with { HoldTime = hold, KeepaliveTime = keepalive });
        Assert.Equal(holdMilliseconds, peer.HoldTime!.Value.TotalMilliseconds);
        Assert.Equal(keepaliveMilliseconds, peer.KeepaliveTime!.Value.TotalMilliseconds);
    }

    [Fact]
    public void What_only_some_modes_of_MetalLB_can_do_is_accepted()
    {
        var peers = new[]
        {
            Peer("bfd", spec => spec with { BfdProfile = "fast" }),
            PeerAt("keepalive", "192.0.2.2", spec => spec with { HoldTime = "9s", KeepaliveTime = "3s" }),
            PeerAt("connect", "192.0.2.3", spec => spec with { ConnectTime = "10s" }),
            PeerAt("gr", "192.0.2.4", spec => spec with { EnableGracefulRestart = true }),
            PeerAt("mp", "192.0.2.5", spec => spec with { DisableMP = true }),
            PeerAt("dual", "192.0.2.6", spec => spec with { DualStackAddressFamily = true }),
            PeerAt("dynamic", "192.0.2.7", spec => spec with { PeerAsn = null, DynamicAsn = "internal", EbgpMultiHop = true }),
            PeerAt("local", "192.0.2.8", spec => spec with { LocalAsn = 64777 }),
            PeerAt("vrf", "192.0.2.9", spec => spec with { Vrf = "red" }),
            Peer("unnumbered", spec => spec with { PeerAddress = null, Interface = "eth0" }),
            PeerAt("id", "192.0.2.10", spec => spec with { RouterId = "10.0.0.1" }),
            PeerAt("other-id", "192.0.2.11", spec => spec with { RouterId = "10.0.0.2" }),
            PeerAt("v6", "2001:db8::7"),
        };
        var result = Build([.. peers, Profile("fast")]);
        Assert.Empty(result.Rejections);
        Assert.Equal(peers.Length, result.Config.BgpPeers.Length);
    }

    [Fact]
    public void A_password_shows_in_no_text()
    {
        var result = Build(
            Peer("inline", spec => spec with { Password = "swordfish" }),
            PeerAt("secret", "192.0.2.2", spec => spec with { PasswordSecretName = "s" }), BasicAuth("s", "angelfish"));
        Assert.Empty(result.Rejections);
        Assert.Equal(["swordfish", "angelfish"], result.Config.BgpPeers.Select(peer => peer.Password!.Reveal()));
        foreach (var peer in result.Config.BgpPeers)
            Assert.DoesNotContain("fish", peer.ToString() + peer.Password);
        Assert.Equal("s", result.Config.FindPeer("secret")!.Password!.SecretName);
    }

    [Fact]
    public void A_changed_password_is_a_changed_peer()
    {
        var first = Build(Peer("p", spec => spec with { PasswordSecretName = "s" }), BasicAuth("s", "one"));
        var second = Rebuild(first, Peer("p", spec => spec with { PasswordSecretName = "s" }), BasicAuth("s", "two"));
        Assert.NotSame(first.Config, second.Config);
        Assert.Equal("two", second.Config.BgpPeers[0].Password!.Reveal());
    }

    [Fact]
    public void Where_secrets_are_not_read_references_to_them_are_not_judged_and_no_password_is_kept()
    {
        var result = Build(
            Peer("inline", spec => spec with { Password = "swordfish" }),
            PeerAt("secret", "192.0.2.2", spec => spec with { PasswordSecretName = "missing" }));
        Assert.Empty(result.Rejections);
        Assert.All(result.Config.BgpPeers, peer => Assert.False(peer.Password!.IsKnown));
    }

    [Fact]
    public void A_secret_must_exist_be_of_the_right_type_and_hold_a_password()
    {
        static ConfigRejection Reject(params Secret[] secrets) =>
            Assert.Single(Build([Peer("p", spec => spec with { PasswordSecretName = "s" }), .. secrets]).Rejections);

        var missing = Reject(BasicAuth("other", "x"));
        Assert.Contains("spec.passwordSecret.name \"s\" names no Secret in the namespace of the peer", missing.ToString());
        Assert.True(missing.IsMissingReference);
        Assert.Contains("names a Secret of type \"Opaque\"; the object is not in force. Create it again with type kubernetes.io/basic-auth",
            Reject(BasicAuth("s", "x", "Opaque")).ToString());
        Assert.Contains("names a Secret without an entry \"password\"", Reject(BasicAuth("s", null)).ToString());
        Assert.Contains("names a Secret without an entry \"password\"", Reject(BasicAuth("s", "")).ToString());
        var tooLong = Reject(BasicAuth("s", new('x', 81))).ToString();
        Assert.Contains("names a Secret whose password is longer than 80 bytes", tooLong);
        Assert.DoesNotContain("xxx", tooLong);
    }

    [Fact]
    public void A_missing_profile_is_a_missing_reference_and_the_last_valid_form_keeps_its_profile()
    {
        var written = Peer("p", spec => spec with { BfdProfile = "fast" });
        var rejection = Assert.Single(Build(written).Rejections);
        Assert.Contains("spec.bfdProfile \"fast\" names no valid BFDProfile; the object is not in force", rejection.ToString());
        Assert.True(rejection.IsMissingReference);

        var valid = Build(written, Profile("fast", profile => profile with { DetectMultiplier = 7 }));
        var broken = Rebuild(valid, written);
        Assert.Contains("the last valid form stays in force", Assert.Single(broken.Rejections).ToString());
        Assert.Equal(7, broken.Config.BgpPeers[0].BfdProfile!.DetectMultiplier);
        Assert.Empty(Rebuild(broken, written, Profile("fast")).Rejections);
    }

    private static PeerConfig Compile(Func<BgpPeerSpec, BgpPeerSpec> change)
    {
        var result = Build(Peer("p", change));
        Assert.Empty(result.Rejections);
        return Assert.Single(result.Config.BgpPeers);
    }
}
