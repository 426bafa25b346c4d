using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Ethernet;

public sealed class LinkStateTests
{
    private static readonly LinkState Link = new(2, "eth0", new(0x020000000002))
    {
        IsUp = true,
        Addresses = [new(IpAddress.Parse("192.0.2.2"), 24)],
    };

    [Fact]
    public void Equal_content_is_equal_whatever_lists_hold_it()
    {
        var copy = Link with { Addresses = [new(IpAddress.Parse("192.0.2.2"), 24)] };

        Assert.Equal(Link, copy);
        Assert.Equal(Link.GetHashCode(), copy.GetHashCode());
    }

    [Fact]
    public void Any_difference_makes_links_differ()
    {
        LinkState[] others =
        [
            Link with { Index = 3 },
            Link with { Name = "eth1" },
            Link with { Mac = MacAddress.Zero },
            Link with { IsUp = false },
            Link with { HasCarrier = true },
            Link with { IsBroadcast = true },
            Link with { IsNoArp = true },
            Link with { IsEnslaved = true },
            Link with { MtuBytes = 9000 },
            Link with { Addresses = [] },
            Link with { Addresses = [new(IpAddress.Parse("192.0.2.2"), 25)] },
            Link with { Addresses = [new(IpAddress.Parse("192.0.2.2"), 24) { IsTentative = true }] },
        ];

        Assert.All(others, other => Assert.NotEqual(Link, other));
        Assert.False(Link.Equals(null));
    }
}
