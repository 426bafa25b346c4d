using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Bgp.Rib;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using FerroLB.Tests.Bgp.Wire;
using Xunit;

namespace FerroLB.Tests.Bgp.Rib;

/// <summary>The other end of a session: reads what is written and keeps the routes, as a router would.</summary>
internal sealed class RibPeer
{
    private readonly byte[] _buffer = new byte[BgpFramer.MostExtendedBytes];
    private readonly BgpNegotiated _negotiated;
    private readonly SortedSet<IpPrefix> _stale = [];

    public RibPeer(bool isInternal = false, bool enhanced = true, bool extended = false, bool unnumbered = false)
    {
        _negotiated = new()
        {
            LocalAsn = 64512, PeerAsn = isInternal ? 64512u : 64513u, IPv4Unicast = true, IPv6Unicast = true, FourOctetAs = true,
            RouteRefresh = true, EnhancedRouteRefresh = enhanced, ExtendedMessages = extended, IPv4OverIPv6 = unnumbered,
        };
        var linkLocal = new BgpNextHop(IpAddress.Parse("fe80::1"));
        Session = new()
        {
            Negotiated = _negotiated,
            IPv4NextHop = unnumbered ? linkLocal : new(IpAddress.Parse("192.0.2.1")),
            IPv6NextHop = unnumbered ? linkLocal : new(IpAddress.Parse("2001:db8::1"), IpAddress.Parse("fe80::1")),
        };
    }

    public RibSession Session { get; }

    /// <summary>What the peer knows, each route with its attributes in words.</summary>
    public SortedDictionary<IpPrefix, string> Routes { get; } = [];

    /// <summary>What came, one line for each message.</summary>
    public List<string> Log { get; } = [];

    public int MessageCount { get; private set; }

    /// <summary>Takes one message that fits into some room; false when there is none.</summary>
    public bool Take(AdjRibOut rib, int room = BgpFramer.MostExtendedBytes)
    {
        var length = rib.WriteNext(_buffer.AsSpan(0, room));
        if (length == 0)
            return false;
        MessageCount++;
        var frame = BgpOctets.FrameOf(_buffer[..length], _negotiated.ExtendedMessages);
        if (frame.Type == BgpMessageType.RouteRefresh)
            Refresh(frame);
        else
            Update(frame);
        return true;
    }

    /// <summary>Takes all that there is.</summary>
    public RibPeer TakeAll(AdjRibOut rib)
    {
        while (Take(rib))
        {
        }
        Assert.False(rib.HasWork);
        Assert.Equal(0, rib.PendingCount);
        return this;
    }

    private void Refresh(BgpFrame frame)
    {
        Assert.True(BgpRouteRefresh.TryRead(frame.Body.Span, out var refresh, out _));
        Log.Add($"{refresh.Kind} {refresh.Family}");
        var ofFamily = Routes.Keys.Where(prefix => prefix.Family == refresh.Family.AddressFamily).ToList();
        if (refresh.Kind == BgpRouteRefreshKind.Begin)
        {
            Assert.True(Log.Contains($"end of {refresh.Family}"), "a refresh began before the initial table was complete");
            _stale.UnionWith(ofFamily);
            return;
        }
        foreach (var prefix in ofFamily.Where(_stale.Remove))
            Assert.Fail($"{prefix} was not told again, nor withdrawn");
    }

    private void Update(BgpFrame frame)
    {
        var update = BgpUpdate.Read(frame.Body, _negotiated.UpdateContext);
        Assert.True(update.Action == BgpErrorAction.None, string.Join("; ", update.Errors));
        if (update.EndOfRib is { } family)
        {
            Log.Add($"end of {family}");
            return;
        }
        var a = update.ReadAttributes();
        var words = $"{a.AsPath} pref {a.LocalPref} med {a.MultiExitDisc} c {string.Join(' ', a.Communities)} " +
            $"l {string.Join(' ', a.LargeCommunities)}";
        Withdraw(update.Withdrawn);
        if (update.Unreach is { } unreach)
            Withdraw(unreach.Prefixes);
        Announce(update.Announced, $"via {update.NextHop} path {words}");
        if (update.Reach is { } reach)
            Announce(reach.Prefixes, $"via {reach.NextHop} path {words}");
    }

    private void Withdraw(BgpPrefixes prefixes)
    {
        foreach (var prefix in prefixes)
        {
            Log.Add($"- {prefix}");
            Assert.True(Routes.Remove(prefix), $"{prefix} was withdrawn and not known");
            _stale.Remove(prefix);
        }
    }

    private void Announce(BgpPrefixes prefixes, string words)
    {
        foreach (var prefix in prefixes)
        {
            Log.Add($"+ {prefix}");
            Routes[prefix] = words;
            _stale.Remove(prefix);
        }
    }
}
