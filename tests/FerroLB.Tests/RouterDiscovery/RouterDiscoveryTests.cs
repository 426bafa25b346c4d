using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;
using FerroLB.Protocols.RouterDiscovery;
using Xunit;

namespace FerroLB.Tests.RouterDiscovery;

/// <summary>How the router of an interface is found, and lets itself be found.</summary>
public sealed class RouterDiscoveryTests
{
    private const int Link = 4;

    private static readonly IpAddress Own = IpAddress.Parse("fe80::1");
    private static readonly IpAddress Router = IpAddress.Parse("fe80::2");
    private static readonly IpAddress Other = IpAddress.Parse("fe80::3");
    private static readonly MacAddress Mac = MacAddress.Read([2, 0, 0, 0, 0, 1]);

    private readonly RouterDiscoveryMachine _machine = new(new SeededRandom(1));
    private Instant _now = Instant.FromSeconds(1_000);

    [Fact]
    public void It_advertises_and_solicits_at_once_and_solicits_three_times_while_nobody_answers()
    {
        Assert.Equal(["134 to ff02::1", "133 to ff02::2"], Want());
        var later = Pass(60);
        Assert.Equal(2, later.Count(item => item.Sent == "133 to ff02::2"));
        var times = later.Where(item => item.Sent == "134 to ff02::1").Select(item => item.At - 1_000).ToList();
        Assert.InRange(times.Count, 6, 8);
        foreach (var (before, after) in times.Prepend(0).Zip(times))
            Assert.InRange(after - before, 7, 10.2);
    }

    [Fact]
    public void A_router_that_advertises_itself_is_told_once_and_answered_straight_away()
    {
        Want();
        Assert.Equal(["router fe80::2", "134 to fe80::2"], Hear(Router));
        Assert.Empty(Hear(Router));
        Assert.DoesNotContain(Pass(60), item => item.Sent.StartsWith("133", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_router_takes_its_place_only_when_it_has_been_silent_for_long()
    {
        Want();
        Hear(Router);
        Pass(20);
        Hear(Router);
        Pass(29);
        Assert.Empty(Hear(Other));
        Pass(2);
        Assert.Equal(["router fe80::3", "134 to fe80::3"], Hear(Other));
        Assert.Empty(Hear(Router));
    }

    [Theory]
    [InlineData("fe80::1", "86000000000000000000000000000000")]
    [InlineData("2001:db8::2", "86000000000000000000000000000000")]
    [InlineData("fe80::2", "8600000000000000")]
    [InlineData("fe80::2", "")]
    public void What_is_no_routers_advertisement_finds_none(string source, string octets)
    {
        Want();
        Assert.Empty(Hear(IpAddress.Parse(source), octets));
    }

    [Fact]
    public void A_solicitation_is_answered_to_all_three_seconds_after_the_last_time_at_the_earliest()
    {
        Want();
        for (var i = 0; i < 100; i++)
            Assert.Empty(Hear(Router, "8500000000000000"));
        Assert.DoesNotContain(Pass(2.9), item => item.Sent.StartsWith("134", StringComparison.Ordinal));
        Assert.Single(Pass(1), item => item.Sent == "134 to ff02::1");
        Pass(3.5);
        Hear(Router, "8500000000000000");
        Assert.Single(Pass(0.6), item => item.Sent == "134 to ff02::1");
    }

    [Fact]
    public void An_interface_that_is_not_wanted_any_more_is_silent_and_begins_anew_when_it_is_wanted_again()
    {
        Want();
        Hear(Router);
        Tell(new RouterDiscoveryInput.LinkUnwanted(Link));
        Assert.Null(_machine.NextDeadline);
        Assert.Empty(Hear(Router));
        Assert.Equal(["134 to ff02::1", "133 to ff02::2"], Want());
        Assert.Equal(["router fe80::2", "134 to fe80::2"], Hear(Router));
    }

    [Fact]
    public void Another_own_address_is_advertised_soon_and_the_same_one_changes_nothing()
    {
        Want();
        Pass(5);
        Assert.Empty(Want());
        Tell(new RouterDiscoveryInput.LinkWanted(Link, Other, Mac));
        Assert.Single(Pass(0.3), item => item.Sent == "134 to ff02::1");
        Assert.Equal(["router fe80::1", "134 to fe80::1"], Hear(Own));
    }

    private List<string> Want() => Tell(new RouterDiscoveryInput.LinkWanted(Link, Own, Mac));

    private List<string> Hear(IpAddress source, string octets = "86000000000000000000000000000000") =>
        Tell(new RouterDiscoveryInput.MessageReceived(Link, source, Convert.FromHexString(octets)));

    private List<string> Tell(RouterDiscoveryInput input)
    {
        _machine.Handle(input, _now);
        return Drain();
    }

    private List<(double At, string Sent)> Pass(double seconds)
    {
        var sent = new List<(double At, string Sent)>();
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end;)
        {
            _now += TimeSpan.FromMilliseconds(100);
            _machine.Advance(_now);
            sent.AddRange(Drain().Select(words => ((_now - Instant.Zero).TotalSeconds, words)));
        }
        return sent;
    }

    private List<string> Drain()
    {
        var words = new List<string>();
        while (_machine.TryTake(out var output))
        {
            words.Add(output switch
            {
                RouterDiscoveryOutput.SendMessage send => $"{send.Message.Span[0]} to {send.Destination}",
                RouterDiscoveryOutput.TellRouter told => $"router {told.Router}",
                _ => "?",
            });
        }
        return words;
    }
}
