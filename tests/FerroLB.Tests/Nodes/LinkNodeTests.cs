using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

public sealed class LinkNodeTests
{
    private static readonly LinkState Eth0 = LinkWorld.Link(2, "eth0");
    private static readonly LinkState Eth1 = LinkWorld.Link(3, "eth1");

    [Fact]
    public void Request_for_an_announced_address_is_answered_with_the_interfaces_mac()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", "192.0.2.10").Forget();

        world.Receive(2, LinkWorld.Request("192.0.2.10"));

        var (link, packet) = Assert.Single(world.Frames);
        Assert.Equal(2, link);
        Assert.Equal(
            new(ArpOperation.Reply, Eth0.Mac, IpAddress.Parse("192.0.2.10"), LinkWorld.ClientMac, LinkWorld.ClientAddress), packet);
    }

    [Fact]
    public void Shared_address_is_answered_until_its_last_service_goes()
    {
        var world = new LinkWorld().Links(Eth0).Announce("one", "192.0.2.10").Announce("two", "192.0.2.10");
        Assert.Equal(2, world.Node.Snapshot.Addresses[IpAddress.Parse("192.0.2.10")].Holders.Count);

        Assert.Single(world.Retract("one").Forget().Receive(2, LinkWorld.Request("192.0.2.10")).Frames);
        Assert.Empty(world.Retract("two").Forget().Receive(2, LinkWorld.Request("192.0.2.10")).Frames);
        Assert.Empty(world.Node.Snapshot.Addresses);
    }

    [Fact]
    public void Second_holder_of_an_address_causes_no_second_burst()
    {
        var world = new LinkWorld().Links(Eth0).Announce("one", "192.0.2.10").Pass(10).Forget();

        Assert.Empty(world.Announce("two", "192.0.2.10").Pass(5).Frames);
    }

    [Fact]
    public void Address_leaves_a_service_when_the_command_no_longer_names_it()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", "192.0.2.10,192.0.2.11").Announce("web", "192.0.2.11").Forget();

        Assert.Empty(world.Receive(2, LinkWorld.Request("192.0.2.10")).Frames);
        Assert.Single(world.Receive(2, LinkWorld.Request("192.0.2.11")).Frames);
    }

    [Fact]
    public void Filter_follows_the_announced_set_with_one_sorted_order_per_link()
    {
        var world = new LinkWorld().Links(Eth0, Eth1);
        Assert.Equal([(2, ""), (3, "")], world.Filters);

        world.Forget().Announce("web", "192.0.2.11,192.0.2.10", "eth0");
        Assert.Equal([(2, "192.0.2.10,192.0.2.11")], world.Filters);

        world.Forget().Links(Eth0 with { IsUp = false }, Eth1);
        Assert.Equal([(2, null)], world.Filters);
    }
}
