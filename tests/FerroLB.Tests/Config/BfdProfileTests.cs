using System;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class BfdProfileTests
{
    [Fact]
    public void What_is_absent_has_its_default()
    {
        var profile = Assert.Single(Build(Profile("plain")).Config.BfdProfiles);
        Assert.Equal(
            (300, 300, 3, 50, false, false, 254),
            (profile.ReceiveIntervalMilliseconds, profile.TransmitIntervalMilliseconds, profile.DetectMultiplier,
                profile.EchoIntervalMilliseconds, profile.EchoMode, profile.PassiveMode, profile.MinimumTtl));
    }

    [Fact]
    public void What_is_written_is_carried_over()
    {
        var result = Build(Profile("full", profile => profile with
        {
            ReceiveIntervalMilliseconds = 10, TransmitIntervalMilliseconds = 60_000, DetectMultiplier = 255, EchoIntervalMilliseconds = 11,
            EchoMode = true, PassiveMode = true, MinimumTtl = 1,
        }));
        Assert.Empty(result.Rejections);
        var profile = result.Config.BfdProfiles[0];
        Assert.Equal(
            (10, 60_000, 255, 11, true, true, 1),
            (profile.ReceiveIntervalMilliseconds, profile.TransmitIntervalMilliseconds, profile.DetectMultiplier,
                profile.EchoIntervalMilliseconds, profile.EchoMode, profile.PassiveMode, profile.MinimumTtl));
    }

    public static TheoryData<Func<BfdProfile, BfdProfile>, string> Faulty => new()
    {
        {
            profile => profile with { ReceiveIntervalMilliseconds = 9 },
            "spec.receiveInterval \"9\" is not between 10 and 60000 milliseconds"
        },
        { profile => profile with { ReceiveIntervalMilliseconds = 60_001 }, "spec.receiveInterval \"60001\" is not between 10 and 60000" },
        { profile => profile with { TransmitIntervalMilliseconds = 9 }, "spec.transmitInterval \"9\" is not between" },
        { profile => profile with { TransmitIntervalMilliseconds = 60_001 }, "spec.transmitInterval \"60001\" is not between" },
        { profile => profile with { EchoIntervalMilliseconds = 9 }, "spec.echoInterval \"9\" is not between" },
        { profile => profile with { EchoIntervalMilliseconds = 60_001 }, "spec.echoInterval \"60001\" is not between" },
        { profile => profile with { DetectMultiplier = 1 }, "spec.detectMultiplier \"1\" is not between 2 and 255" },
        { profile => profile with { DetectMultiplier = 256 }, "spec.detectMultiplier \"256\" is not between 2 and 255" },
        { profile => profile with { MinimumTtl = 0 }, "spec.minimumTtl \"0\" is not between 1 and 254" },
        { profile => profile with { MinimumTtl = 255 }, "spec.minimumTtl \"255\" is not between 1 and 254" },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public void A_number_out_of_range_is_refused(Func<BfdProfile, BfdProfile> change, string text)
    {
        var result = Build(Profile("fast", change));
        Assert.Contains($"BFDProfile lb/fast: {text}", Assert.Single(result.Rejections).ToString());
        Assert.Empty(result.Config.BfdProfiles);
    }

    [Fact]
    public void Of_two_profiles_with_one_name_the_first_is_used()
    {
        var stranger = Profile("fast") with { Metadata = new() { Name = "fast", Namespace = "other" } };
        var rejection = Assert.Single(Build(Profile("fast"), stranger).Rejections);
        Assert.Contains("metadata.name \"fast\" belongs to another BFDProfile already", rejection.ToString());
    }

    [Fact]
    public void A_profile_that_no_peer_uses_and_large_communities_disturb_nothing()
    {
        var result = Build(
            Profile("idle"), Aliases("c", "big=large:1:2:3"), BgpAd("ad", new() { Communities = ["big"] }), Pool("v6", "2001:db8::/64"),
            Peer("p"));
        Assert.Empty(result.Rejections);
    }

    [Theory]
    [InlineData("10.0.0.0/24", true)]
    [InlineData("10.0.0.0/24,2001:db8::/64", false)]
    [InlineData("2001:db8::1-2001:db8::9", false)]
    public void Echo_is_for_peers_without_IPv6_pools(string addresses, bool hasEcho)
    {
        var result = Build(
            Pool("p", addresses.Split(',')), BgpAd("ad"), Peer("tor", spec => spec with { BfdProfile = "echo" }),
            Profile("echo", profile => profile with { EchoMode = true }));
        var peer = result.Config.FindPeer("tor")!;
        Assert.Equal(hasEcho, result.Config.BfdProfileOf(peer)!.EchoMode);
        if (hasEcho)
            Assert.Empty(result.Rejections);
        else
            Assert.Equal(
                "BGPPeer lb/tor: spec.bfdProfile \"echo\" names a profile with echoMode, which does not work with the IPv6 addresses of " +
                "IPAddressPool \"p\" that BGPAdvertisement \"ad\" advertises to the peer; its BFD session goes without echo. Use a " +
                "profile without echoMode, or leave the pool to other peers.",
                Assert.Single(result.Rejections).ToString());
    }

    [Fact]
    public void Echo_is_judged_by_the_pools_that_are_advertised_to_the_peer()
    {
        KubeObject[] objects =
        [
            Pool("v4", "10.0.0.0/24"), Pool("v6", "2001:db8::/64"), Peer("a", spec => spec with { BfdProfile = "echo" }),
            PeerAt("b", "192.0.2.2", spec => spec with { BfdProfile = "echo" }),
            Profile("echo", profile => profile with { EchoMode = true }),
        ];
        string[] Faulty(params BgpAdvertisement[] ads) =>
            [.. Build([.. objects, .. ads]).Rejections.Select(rejection => rejection.Object.Name)];

        Assert.Empty(Faulty());
        Assert.Empty(Faulty(BgpAd("ad", new() { IpAddressPools = ["v4"] })));
        Assert.Empty(Faulty(BgpAd("ad", new() { IpAddressPools = ["v6"], Peers = ["c"] })));
        Assert.Equal(["b"], Faulty(BgpAd("ad", new() { IpAddressPools = ["v6"], Peers = ["b"] })));
        Assert.Equal(["a", "b"], Faulty(BgpAd("ad", new() { IpAddressPools = ["v6"] })));
    }
}
