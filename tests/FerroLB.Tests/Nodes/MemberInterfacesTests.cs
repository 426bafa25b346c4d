using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>What speakers state of their interfaces, and what they make of it.</summary>
public sealed class MemberInterfacesTests
{
    private static readonly MembershipOptions Options = new("component=speaker", AddressOf(1));
    private static readonly LinkState Inside = Link("eth0", "10.20.30.11/24");
    private static readonly LinkState Outside = Link("eth0", "192.168.7.11/24");
    private static readonly byte[] HersInside = Statement("10.20.30.0/24");
    private static readonly byte[] HersOutside = Statement("192.168.7.0/24");

    private readonly SpeakerWorld _world = new(membership: Options);

    [Fact]
    public void The_usable_interfaces_are_stated_before_others_are_met()
    {
        Start(
            Link("eth1", "fe80::1/64", "fd00::7/64", "10.1.1.1/32", "10.20.30.11/24", "10.20.30.12/24"),
            Link("eth0", "169.254.3.3/16", "10.9.0.1/16"),
            Link("down", "10.8.0.1/16") with { IsUp = false }, Link("cut", "10.7.0.1/16") with { HasCarrier = false },
            Link("port", "10.6.0.1/16") with { IsEnslaved = true });
        Members(("iris1", []), ("iris2", HersInside));
        var stated = InterfaceStatement.Decode(Assert.Single(Statements()))!;
        Assert.Equal(["eth0", "eth1"], stated.Interfaces.Select(item => item.Name));
        Assert.Equal([false, true], stated.Interfaces.Select(item => item.SpeaksIpv6));
        Assert.Equal(["10.9.0.0/16"], stated.Interfaces[0].Subnets.Select(subnet => $"{subnet}"));
        Assert.Equal(["10.20.30.0/24", "fd00::/64"], stated.Interfaces[1].Subnets.Select(subnet => $"{subnet}"));
        Assert.IsType<NodeOutput.StateMetadata>(_world.Harness.MemberOrders[0]);
    }

    [Fact]
    public void The_node_within_the_subnet_announces_and_gives_back_when_both_are()
    {
        _world.Service("hers", SpeakerWorld.Hers).Service("ours", SpeakerWorld.Ours);
        Start(Inside);
        Members(("iris1", []), ("iris2", HersOutside));
        Assert.Equal((SpeakerWorld.Hers, SpeakerWorld.Ours), (_world.Announced("hers"), _world.Announced("ours")));
        Members(("iris1", []), ("iris2", HersInside));
        Assert.Equal(("", SpeakerWorld.Ours), (_world.Announced("hers"), _world.Announced("ours")));
    }

    [Fact]
    public void The_node_outside_of_the_subnet_leaves_its_own_to_the_other()
    {
        _world.Service("hers", SpeakerWorld.Hers).Service("ours", SpeakerWorld.Ours);
        Start(Outside);
        Members(("iris1", []), ("iris2", HersInside));
        Assert.Equal(("", ""), (_world.Announced("hers"), _world.Announced("ours")));
        Assert.Contains("set aside: iris1", _world.Node.Snapshot.Services.Values.First().Placement.Explanation);
    }

    [Fact]
    public void While_a_member_states_nothing_the_election_is_that_of_MetalLB()
    {
        _world.Service("hers", SpeakerWorld.Hers).Service("ours", SpeakerWorld.Ours);
        Start(Outside);
        Members(("iris1", []), ("iris2", HersInside), ("stranger", []));
        Assert.Equal(("", SpeakerWorld.Ours), (_world.Announced("hers"), _world.Announced("ours")));
        Members(("iris1", []), ("iris2", HersInside));
        Assert.Equal("", _world.Announced("ours"));
        Members(("iris1", []), ("iris2", []));
        Assert.Equal(SpeakerWorld.Ours, _world.Announced("ours"));
        Assert.Equal(1, _world.Harness.CountLogs(
            "a speaker does not state its interfaces, as those of MetalLB: nodes are elected without regard to interfaces"));
    }

    [Fact]
    public void A_member_that_failed_needs_not_state_anything()
    {
        _world.Service("ours", SpeakerWorld.Ours);
        Start(Outside);
        Members(("iris1", []), ("iris2", HersInside), ("stranger!", []));
        Assert.Equal("", _world.Announced("ours"));
    }

    [Fact]
    public void Without_membership_interfaces_do_not_count()
    {
        var world = new SpeakerWorld();
        world.Service("ours", SpeakerWorld.Ours).Start();
        Assert.Equal(SpeakerWorld.Ours, world.Announced("ours"));
        Assert.Empty(world.Harness.MemberOrders);
    }

    [Fact]
    public void A_lost_interface_is_stated_and_left_to_others_at_once_and_a_loose_contact_does_not_move_addresses_to_and_fro()
    {
        _world.Service("ours", SpeakerWorld.Ours);
        Start(Inside);
        Members(("iris1", []), ("iris2", HersInside));
        Assert.Equal(SpeakerWorld.Ours, _world.Announced("ours"));
        for (var flap = 0; flap < 10; flap++)
        {
            Links(Inside with { HasCarrier = false });
            Assert.Equal("", _world.Announced("ours"));
            _world.Harness.Pass(TimeSpan.FromSeconds(0.1));
            Links(Inside);
            _world.Harness.Pass(TimeSpan.FromSeconds(0.1));
            Assert.Equal("", _world.Announced("ours"));
        }
        // The first statement, and the first loss; nothing of what followed lasted.
        Assert.Equal(2, Statements().Count);
        _world.Harness.Pass(TimeSpan.FromSeconds(64));
        Assert.Equal(SpeakerWorld.Ours, _world.Announced("ours"));
        Assert.Equal(3, Statements().Count);
    }

    [Fact]
    public void What_comes_back_once_is_stated_after_a_second()
    {
        _world.Service("ours", SpeakerWorld.Ours);
        Start(Inside);
        Members(("iris1", []), ("iris2", HersInside));
        Links(Outside);
        Assert.Equal("", _world.Announced("ours"));
        Links(Inside with { Addresses = [.. Inside.Addresses, .. Outside.Addresses] });
        _world.Harness.Pass(TimeSpan.FromSeconds(0.9));
        Assert.Equal("", _world.Announced("ours"));
        _world.Harness.Pass(TimeSpan.FromSeconds(0.2));
        Assert.Equal(SpeakerWorld.Ours, _world.Announced("ours"));
    }

    [Fact]
    public void What_is_added_is_stated_at_once()
    {
        _world.Service("ours", SpeakerWorld.Ours);
        Start(Outside);
        Members(("iris1", []), ("iris2", HersInside));
        Links(Outside, Link("eth1", "10.20.30.11/24") with { Index = 2 });
        Assert.Equal(SpeakerWorld.Ours, _world.Announced("ours"));
        Assert.Equal(2, Statements().Count);
    }

    [Fact]
    public void Exactly_one_of_two_speakers_announces_each_address_whatever_they_state()
    {
        (LinkState[] Links, byte[] Statement)[] choices = [([Inside], HersInside), ([Outside], HersOutside), ([], Statement())];
        foreach (var first in choices)
        {
            foreach (var second in choices)
            {
                var worlds = new[] { "iris1", "iris2" }.Select(name => new SpeakerWorld(name, membership: Options)).ToArray();
                foreach (var (world, own) in worlds.Zip([first, second]))
                {
                    world.Service("hers", SpeakerWorld.Hers).Service("ours", SpeakerWorld.Ours);
                    Start(world, own.Links);
                    Tell(world, ("iris1", first.Statement), ("iris2", second.Statement));
                }
                Assert.Single(worlds, world => world.Announced("hers").Length > 0);
                Assert.Single(worlds, world => world.Announced("ours").Length > 0);
            }
        }
    }

    private static GossipAddress AddressOf(int number) => new(IpAddress.V4(0x0A630000u + (uint)number), 7946);

    private static LinkState Link(string name, params string[] addresses) => new(1, name, new(0x020000000001))
    {
        IsUp = true,
        HasCarrier = true,
        IsBroadcast = true,
        Addresses = [.. addresses.Select(ReadAddress)],
    };

    private static LinkAddress ReadAddress(string text)
    {
        var parts = text.Split('/');
        return new(IpAddress.Parse(parts[0]), int.Parse(parts[1]));
    }

    private static byte[] Statement(params string[] subnets) => InterfaceStatement.Encode(StatedInterfaces.Of(
        subnets.Length == 0 ? [] : [new("eth0", false, [.. subnets.Select(IpPrefix.Parse)])]));

    private static void Start(SpeakerWorld world, LinkState[] links)
    {
        world.Harness.Start();
        world.Harness.Tell(new NodeInput.LinkReported(new LinkReport.LinksChanged(links)));
    }

    // Names with an exclamation mark have failed.
    private static void Tell(SpeakerWorld world, params (string Name, byte[] Meta)[] members) =>
        world.Harness.Tell(new NodeInput.MembersReported(new(
            [.. members.Select((member, i) => new GossipMember(
                member.Name.TrimEnd('!'), AddressOf(i + 1), member.Name.EndsWith('!') ? GossipMemberState.Dead : GossipMemberState.Alive,
                1, [.. member.Meta], GossipVersions.Default))],
            0, 0, default)));

    private void Start(params LinkState[] links) => Start(_world, links);

    private void Links(params LinkState[] links) =>
        _world.Harness.Tell(new NodeInput.LinkReported(new LinkReport.LinksChanged(links)));

    private void Members(params (string Name, byte[] Meta)[] members) => Tell(_world, members);

    private List<byte[]> Statements() =>
        [.. _world.Harness.MemberOrders.OfType<NodeOutput.StateMetadata>().Select(order => order.Metadata.ToArray())];
}
