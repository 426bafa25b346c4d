using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

public sealed class LinkSelectionTests
{
    private static readonly LinkState Eth0 = LinkWorld.Link(2, "eth0");

    public static IEnumerable<TheoryDataRow<LinkState, LinkUsability>> Table =>
    [
        new(Eth0, LinkUsability.Usable),
        new(Eth0 with { HasCarrier = false }, LinkUsability.Usable),
        new(Eth0 with { Addresses = [] }, LinkUsability.Usable),
        new(Eth0 with { IsUp = false }, LinkUsability.NotUp),
        new(Eth0 with { IsEnslaved = true }, LinkUsability.Enslaved),
        new(Eth0 with { IsNoArp = true }, LinkUsability.NoArp),
        new(Eth0 with { IsBroadcast = false }, LinkUsability.NoBroadcast),
        new(Eth0 with { Mac = MacAddress.Zero }, LinkUsability.NoHardwareAddress),
        new(Eth0 with { IsUp = false, IsEnslaved = true, IsNoArp = true }, LinkUsability.NotUp),
        new(Eth0 with { IsEnslaved = true, IsNoArp = true, IsBroadcast = false }, LinkUsability.Enslaved),
    ];

    [Theory]
    [MemberData(nameof(Table))]
    public void Link_is_listed_always_and_answers_only_when_usable(LinkState link, LinkUsability usability)
    {
        var world = new LinkWorld().Links(link).Announce("web", "192.0.2.10");

        Assert.Equal([new(link, usability)], world.Node.Snapshot.Links);
        Assert.Equal([link], Reported(world));
        Assert.Equal(usability == LinkUsability.Usable, world.Filters.Any());
        world.Forget().Receive(2, LinkWorld.Request("192.0.2.10"));
        Assert.Equal(usability == LinkUsability.Usable ? 1 : 0, world.Frames.Count());
    }

    [Fact]
    public void Excluded_link_is_not_even_listed()
    {
        Assert.True(InterfaceExclusions.TryCreate(["^docker.*"], out var exclusions, out _));
        var world = new LinkWorld(new() { Exclusions = exclusions }).Links(LinkWorld.Link(4, "docker0"), Eth0);

        Assert.Equal([Eth0], Reported(world));
        Assert.Equal([Eth0], world.Node.Snapshot.Links.Select(use => use.Link));
        Assert.Equal([(2, "")], world.Filters);
    }

    [Fact]
    public void Links_are_reported_by_index_when_known_and_when_changed_but_not_again()
    {
        var eth1 = LinkWorld.Link(3, "eth1");
        var world = new LinkWorld().Links(eth1, Eth0);
        Assert.Equal([Eth0, eth1], Reported(world));

        Assert.Empty(world.Forget().Links(Eth0, eth1).Outputs);
        Assert.Equal([Eth0], Reported(world.Forget().Links(Eth0)));
        var moved = Eth0 with { Addresses = [new(IpAddress.Parse("192.0.2.2"), 24)] };
        Assert.Equal([moved], Reported(world.Forget().Links(moved)));
    }

    [Fact]
    public void Node_without_interfaces_reports_that_once()
    {
        var world = new LinkWorld().Links();

        Assert.Empty(Reported(world));
        Assert.Empty(world.Forget().Links().Outputs);
    }

    [Fact]
    public void Several_changes_before_anyone_listens_make_one_report_of_the_latest()
    {
        var node = new LinkNode(new(), 1);
        node.Handle(LinkInput.LinksChanged([Eth0]), Instant.Zero);
        node.Handle(LinkInput.LinksChanged([Eth0 with { MtuBytes = 9000 }]), Instant.Zero);

        var reports = new List<LinkReport>();
        while (node.TryTake(out var output))
        {
            if (output.Report is not null)
                reports.Add(output.Report);
        }
        var report = Assert.IsType<LinkReport.LinksChanged>(Assert.Single(reports));
        Assert.Equal(9000, Assert.Single(report.Links).MtuBytes);
    }

    [Fact]
    public void Link_that_comes_up_late_gets_its_filter_and_a_burst()
    {
        var world = new LinkWorld().Links(Eth0 with { IsUp = false }).Announce("web", "192.0.2.10").Forget().Links(Eth0);

        Assert.Equal([(2, "192.0.2.10")], world.Filters);
        Assert.Equal(2, world.Frames.Count());
    }

    [Fact]
    public void Recreated_link_is_listened_on_under_its_new_index()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", "192.0.2.10", "eth0").Forget().Links(LinkWorld.Link(7, "eth0"));

        Assert.Equal([(2, null), (7, "192.0.2.10")], world.Filters);
        Assert.Empty(world.Forget().Receive(2, LinkWorld.Request("192.0.2.10")).Frames);
        Assert.Equal(7, Assert.Single(world.Receive(7, LinkWorld.Request("192.0.2.10")).Frames).LinkIndex);
    }

    private static IReadOnlyList<LinkState> Reported(LinkWorld world) =>
        Assert.IsType<LinkReport.LinksChanged>(Assert.Single(world.Reports)).Links;
}
