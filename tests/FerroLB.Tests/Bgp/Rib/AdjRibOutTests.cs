using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Bgp.Rib;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bgp.Rib;

public sealed class AdjRibOutTests
{
    private static readonly IpPrefix A = IpPrefix.Parse("198.51.100.1/32");
    private static readonly IpPrefix B = IpPrefix.Parse("198.51.100.2/32");
    private static readonly IpPrefix Aggregate = IpPrefix.Parse("198.51.100.0/24");
    private static readonly IpPrefix Six = IpPrefix.Parse("2001:db8::1/128");
    private static readonly RouteTerms Marked = new() { Communities = [BgpCommunity.Of(64512, 100)], LocalPref = 200 };
    private readonly AdjRibOut _rib = new();

    [Fact]
    public void A_session_gets_the_table_and_then_the_end_of_rib_of_each_family()
    {
        Set(A, RouteTerms.Plain);
        Set(Six, RouteTerms.Plain);
        var peer = Connect(new());
        Assert.False(_rib.IsInitialTableSent);
        peer.TakeAll(_rib);
        Assert.Equal(["+ 198.51.100.1/32", "end of IPv4 unicast", "+ 2001:db8::1/128", "end of IPv6 unicast"], peer.Log);
        Assert.Equal("via 192.0.2.1 path 64512 pref  med  c  l ", peer.Routes[A]);
        Assert.Equal("via 2001:db8::1 (fe80::1) path 64512 pref  med  c  l ", peer.Routes[Six]);
        Assert.True(_rib.IsInitialTableSent);
        Assert.Equal(1, _rib.SentCount(AddressFamily.IPv6));
    }

    [Fact]
    public void An_empty_table_has_an_end_too() =>
        Assert.Equal(["end of IPv4 unicast", "end of IPv6 unicast"], Connect(new()).TakeAll(_rib).Log);

    [Fact]
    public void Internal_peers_get_a_local_preference_and_no_path()
    {
        Set(A, RouteTerms.Plain);
        Set(B, Marked with { PrependCount = 3, MultiExitDisc = 7 });
        var peer = Connect(new(isInternal: true)).TakeAll(_rib);
        Assert.Equal("via 192.0.2.1 path  pref 100 med  c  l ", peer.Routes[A]);
        Assert.Equal("via 192.0.2.1 path  pref 200 med 7 c 64512:100 l ", peer.Routes[B]);
    }

    [Fact]
    public void External_peers_get_our_as_as_often_as_wanted()
    {
        Set(A, Marked with { PrependCount = 2, LargeCommunities = [new(1, 2, 3)] });
        var peer = Connect(new()).TakeAll(_rib);
        Assert.Equal("via 192.0.2.1 path 64512 64512 64512 pref  med  c 64512:100 l 1:2:3", peer.Routes[A]);
    }

    [Fact]
    public void Unnumbered_peers_get_ipv4_over_a_link_local_next_hop()
    {
        Set(A, RouteTerms.Plain);
        var peer = Connect(new(unnumbered: true)).TakeAll(_rib);
        Assert.StartsWith("via fe80::1 ", peer.Routes[A], StringComparison.Ordinal);
        Set(A, null);
        Assert.Empty(peer.TakeAll(_rib).Routes);
    }

    [Fact]
    public void A_change_replaces_the_route_and_the_same_again_costs_nothing()
    {
        Set(A, RouteTerms.Plain);
        var peer = Connect(new()).TakeAll(_rib);
        peer.Log.Clear();
        Set(A, new() { LocalPref = null });
        Assert.False(_rib.HasWork);
        Set(A, Marked);
        Assert.Equal(["+ 198.51.100.1/32"], peer.TakeAll(_rib).Log);
        Assert.Contains("64512:100", peer.Routes[A], StringComparison.Ordinal);
        Assert.Equal(Marked, _rib.SentTermsOf(A));
    }

    [Fact]
    public void What_was_never_sent_is_not_withdrawn()
    {
        var peer = Connect(new()).TakeAll(_rib);
        peer.Log.Clear();
        Set(A, RouteTerms.Plain);
        Set(A, Marked);
        Set(A, null);
        Set(B, null);
        Assert.Empty(peer.TakeAll(_rib).Log);
    }

    [Fact]
    public void A_change_and_back_again_before_it_was_sent_is_no_change()
    {
        Set(A, RouteTerms.Plain);
        var peer = Connect(new()).TakeAll(_rib);
        Set(A, null);
        Set(A, RouteTerms.Plain);
        Assert.False(_rib.HasWork);
        Assert.Single(peer.Routes);
    }

    [Fact]
    public void Of_one_change_the_new_routes_come_before_the_old_ones_go()
    {
        Set(Aggregate, RouteTerms.Plain);
        var peer = Connect(new()).TakeAll(_rib);
        peer.Log.Clear();
        _rib.Apply([new(Aggregate, null), new(A, RouteTerms.Plain), new(B, Marked)]);
        peer.TakeAll(_rib);
        Assert.Equal(["+ 198.51.100.1/32", "+ 198.51.100.2/32", "- 198.51.100.0/24"], peer.Log);
    }

    [Fact]
    public void A_withdrawal_does_not_wait_for_what_changed_later()
    {
        Set(A, RouteTerms.Plain);
        var peer = Connect(new()).TakeAll(_rib);
        peer.Log.Clear();
        Set(A, null);
        Set(B, RouteTerms.Plain);
        Assert.Equal(["- 198.51.100.1/32", "+ 198.51.100.2/32"], peer.TakeAll(_rib).Log);
    }

    [Fact]
    public void A_group_that_is_filled_again_and_again_keeps_none_waiting()
    {
        var peer = Connect(new()).TakeAll(_rib);
        _rib.Apply([.. Many(2000).Select(prefix => new RouteChange(prefix, RouteTerms.Plain))]);
        Set(A, Marked);
        Assert.True(peer.Take(_rib));
        _rib.Apply([.. Many(4000).Select(prefix => new RouteChange(prefix, RouteTerms.Plain))]);
        Assert.True(peer.Take(_rib));
        Assert.Contains(A, peer.Routes.Keys);
    }

    [Fact]
    public void Routes_of_the_same_terms_share_updates()
    {
        _rib.Apply([.. Many(10_000).Select(prefix => new RouteChange(prefix, Marked))]);
        var peer = Connect(new()).TakeAll(_rib);
        Assert.Equal(10_000, peer.Routes.Count);
        Assert.InRange(peer.MessageCount, 3, 13 + 2);
        _rib.Replace([]);
        var before = peer.MessageCount;
        Assert.Empty(peer.TakeAll(_rib).Routes);
        Assert.InRange(peer.MessageCount - before, 1, 13);
    }

    [Fact]
    public void Long_messages_are_used_where_the_peer_reads_them()
    {
        _rib.Apply([.. Many(13_000).Select(prefix => new RouteChange(prefix, Marked))]);
        Assert.Equal(3, Connect(new(extended: true)).TakeAll(_rib).MessageCount);
    }

    [Fact]
    public void A_new_session_gets_everything_again()
    {
        Set(A, RouteTerms.Plain);
        Connect(new()).TakeAll(_rib);
        Set(B, RouteTerms.Plain);
        _rib.SessionDown();
        Assert.False(_rib.HasWork);
        Assert.Equal(0, _rib.SentCount(AddressFamily.IPv4));
        Set(A, null);
        Set(Six, Marked);
        var peer = Connect(new(isInternal: true)).TakeAll(_rib);
        Assert.Equal([B, Six], peer.Routes.Keys);
        Assert.Contains("pref 200", peer.Routes[Six], StringComparison.Ordinal);
    }

    [Fact]
    public void A_family_that_the_session_does_not_carry_is_passed_over()
    {
        Set(A, RouteTerms.Plain);
        Set(Six, RouteTerms.Plain);
        var peer = new RibPeer();
        _rib.SessionUp(peer.Session with { IPv6NextHop = null });
        Assert.Equal(["+ 198.51.100.1/32", "end of IPv4 unicast"], peer.TakeAll(_rib).Log);
        Assert.Equal(1, _rib.DesiredCount(AddressFamily.IPv6));
        Assert.False(_rib.Refresh(BgpFamily.IPv6Unicast));
        Assert.False(_rib.Refresh(new(25, 70)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_refresh_sends_the_family_again(bool enhanced)
    {
        Set(A, RouteTerms.Plain);
        Set(B, Marked);
        Set(Six, RouteTerms.Plain);
        var peer = Connect(new(enhanced: enhanced)).TakeAll(_rib);
        peer.Log.RemoveAll(line => !line.StartsWith("end", StringComparison.Ordinal));
        Assert.True(_rib.Refresh(BgpFamily.IPv4Unicast));
        string[] routes = ["+ 198.51.100.1/32", "+ 198.51.100.2/32"];
        string[] expected = enhanced ? ["Begin IPv4 unicast", .. routes, "End IPv4 unicast"] : routes;
        Assert.Equal(expected, peer.TakeAll(_rib).Log.Skip(2));
        Assert.Equal(3, peer.Routes.Count);
    }

    [Fact]
    public void Refreshes_while_one_is_under_way_are_one_more()
    {
        _rib.Apply([.. Many(2000).Select(prefix => new RouteChange(prefix, RouteTerms.Plain))]);
        var peer = Connect(new());
        Assert.True(peer.Take(_rib));
        for (var i = 0; i < 5; i++)
            Assert.True(_rib.Refresh(BgpFamily.IPv4Unicast));
        peer.TakeAll(_rib);
        Assert.Equal(
            ["end of IPv4 unicast", "Begin IPv4 unicast", "End IPv4 unicast"],
            peer.Log.Where(line => line.EndsWith("IPv4 unicast", StringComparison.Ordinal)));
        Assert.Equal(2000, peer.Routes.Count);
    }

    [Fact]
    public void Routes_that_change_during_a_refresh_do_not_hold_up_its_end()
    {
        _rib.Apply([.. Many(2000).Select(prefix => new RouteChange(prefix, RouteTerms.Plain))]);
        var peer = Connect(new()).TakeAll(_rib);
        _rib.Refresh(BgpFamily.IPv4Unicast);
        Assert.True(peer.Take(_rib));
        _rib.Apply([.. Many(1000).Select(prefix => new RouteChange(prefix, null))]);
        _rib.Apply([.. Many(500).Select(prefix => new RouteChange(prefix, Marked))]);
        peer.TakeAll(_rib);
        Assert.Equal("End IPv4 unicast", peer.Log.Last(line => !line.StartsWith('-') && !line.StartsWith('+')));
        Assert.Equal(1500, peer.Routes.Count);
        Assert.Equal(500, peer.Routes.Values.Count(words => words.Contains("64512:100", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_shutdown_announces_everything_with_its_community()
    {
        Set(A, RouteTerms.Plain);
        Set(B, Marked);
        var peer = Connect(new()).TakeAll(_rib);
        _rib.BeginShutdown();
        peer.TakeAll(_rib);
        Assert.Contains(" c 65535:0 ", peer.Routes[A], StringComparison.Ordinal);
        Assert.Contains(" c 64512:100 65535:0 ", peer.Routes[B], StringComparison.Ordinal);
        _rib.SessionDown();
        Assert.DoesNotContain("65535:0", Connect(new()).TakeAll(_rib).Routes[A], StringComparison.Ordinal);
    }

    [Fact]
    public void Another_next_hop_is_told_at_once()
    {
        Set(A, RouteTerms.Plain);
        Set(Six, RouteTerms.Plain);
        var peer = Connect(new()).TakeAll(_rib);
        _rib.SessionChanged(peer.Session with { IPv4NextHop = new(IpAddress.Parse("192.0.2.9")), IPv6NextHop = null });
        peer.TakeAll(_rib);
        Assert.StartsWith("via 192.0.2.9 ", Assert.Single(peer.Routes).Value, StringComparison.Ordinal);
        _rib.SessionChanged(peer.Session);
        Assert.Equal(2, peer.TakeAll(_rib).Routes.Count);
    }

    [Fact]
    public void Terms_that_fit_in_no_message_are_held_back_and_their_older_form_withdrawn()
    {
        Set(A, RouteTerms.Plain);
        Set(B, RouteTerms.Plain);
        var peer = Connect(new()).TakeAll(_rib);
        Set(A, new() { Communities = [.. Enumerable.Range(0, 2000).Select(i => new BgpCommunity((uint)i))] });
        Assert.Equal([B], peer.TakeAll(_rib).Routes.Keys);
        Set(A, Marked);
        Assert.Equal(2, peer.TakeAll(_rib).Routes.Count);
    }

    [Fact]
    public void Too_little_room_loses_nothing()
    {
        _rib.Apply([.. Many(100).Select(prefix => new RouteChange(prefix, Marked))]);
        var peer = Connect(new());
        for (var room = 0; room < BgpUpdateWriter.OverheadBytes; room++)
            Assert.InRange(_rib.WriteNext(new byte[room]), 0, 0);
        while (peer.Take(_rib, room: 150))
        {
        }
        Assert.Equal(100, peer.Routes.Count);
        Assert.InRange(peer.MessageCount, 5, 100);
        Assert.False(_rib.HasWork);
    }

    [Fact]
    public void A_replacement_withdraws_what_it_does_not_name()
    {
        Set(A, RouteTerms.Plain);
        Set(Six, RouteTerms.Plain);
        var peer = Connect(new()).TakeAll(_rib);
        peer.Log.Clear();
        _rib.Replace([new(Six, RouteTerms.Plain), new(B, Marked), new(B, RouteTerms.Plain)]);
        Assert.Equal(["+ 198.51.100.2/32", "- 198.51.100.1/32"], peer.TakeAll(_rib).Log);
    }

    [Fact]
    public void Changes_cost_no_memory_once_the_table_has_its_size()
    {
        var prefixes = Many(2000);
        RouteChange[] there = [.. prefixes.Select(prefix => new RouteChange(prefix, Marked))];
        RouteChange[] other = [.. prefixes.Select(prefix => new RouteChange(prefix, RouteTerms.Plain))];
        RouteChange[] gone = [.. prefixes.Select(prefix => new RouteChange(prefix, null))];
        var keep = IpPrefix.Parse("203.0.113.0/24");
        var keepPlain = IpPrefix.Parse("203.0.112.0/24");
        _rib.Apply([new(keep, Marked), new(keepPlain, RouteTerms.Plain)]);
        _rib.SessionUp(new RibPeer().Session);
        var buffer = new byte[4096];
        Assert.Equal(0, AllocationMeter.LeastBytes(() =>
        {
            foreach (var changes in new[] { there, other, gone })
            {
                _rib.Apply(changes);
                while (_rib.WriteNext(buffer) > 0)
                {
                }
            }
        }) / 100);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Whatever_happens_the_peer_ends_up_with_what_is_desired(int seed, bool enhanced)
    {
        var random = new SeededRandom((ulong)seed);
        RouteTerms[] terms = [RouteTerms.Plain, Marked, new() { MultiExitDisc = 5 }, Marked with { LocalPref = 300 }];
        var prefixes = Many(60).Append(Six).Append(Aggregate).ToArray();
        var desired = new SortedDictionary<IpPrefix, RouteTerms>();
        RibPeer? peer = null;
        for (var step = 0; step < 4000; step++)
        {
            switch (random.Next(12))
            {
                case 0 when random.Chance(0.2):
                    peer = null;
                    _rib.SessionDown();
                    break;
                case 1 when random.Chance(0.3):
                    peer = Connect(new(isInternal: random.Chance(0.5), enhanced: enhanced));
                    break;
                case 2:
                    _rib.Refresh(random.Chance(0.7) ? BgpFamily.IPv4Unicast : BgpFamily.IPv6Unicast);
                    break;
                case 3 when random.Chance(0.1):
                    foreach (var prefix in prefixes.Where(_ => random.Chance(0.5)))
                        desired.Remove(prefix);
                    _rib.Replace([.. desired.Select(pair => new RouteChange(pair.Key, pair.Value))]);
                    break;
                case 4 or 5 or 6:
                    Change(random, desired, prefixes, terms);
                    break;
                default:
                    peer?.Take(_rib);
                    break;
            }
            if (random.Chance(0.05) && peer is not null)
            {
                peer.TakeAll(_rib);
                Assert.Equal(desired.Keys, peer.Routes.Keys);
                Assert.All(desired, pair => Assert.Equal(pair.Value, _rib.SentTermsOf(pair.Key)));
                Assert.Equal(desired.Count, _rib.SentCount(AddressFamily.IPv4) + _rib.SentCount(AddressFamily.IPv6));
            }
        }
    }

    private void Change(SeededRandom random, SortedDictionary<IpPrefix, RouteTerms> desired, IpPrefix[] prefixes, RouteTerms[] terms)
    {
        var changes = new List<RouteChange>();
        for (var i = random.Next(8); i >= 0; i--)
        {
            var prefix = prefixes[random.Next(prefixes.Length)];
            var wish = random.Chance(0.4) ? null : terms[random.Next(terms.Length)] with { };
            changes.Add(new(prefix, wish));
            if (wish is null)
                desired.Remove(prefix);
            else
                desired[prefix] = wish;
        }
        _rib.Apply([.. changes]);
    }

    private static IpPrefix[] Many(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new IpPrefix(IpAddress.V4(0x0A000000 + (uint)i), 32))];

    private void Set(IpPrefix prefix, RouteTerms? terms) => _rib.Apply([new(prefix, terms)]);

    private RibPeer Connect(RibPeer peer)
    {
        _rib.SessionUp(peer.Session);
        return peer;
    }
}
