using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>What a scrape shows of BFD sessions.</summary>
public sealed class BfdMetricsTests
{
    private static readonly string[] Names =
    [
        "control_packet_input", "control_packet_output", "echo_packet_input", "echo_packet_output", "session_down_events", "session_up",
        "session_up_events", "zebra_notifications",
    ];

    private readonly BfdMetrics _metrics = new();
    private readonly SortedDictionary<string, double> _scrape = new(StringComparer.Ordinal);

    [Fact]
    public void B_82_a_session_has_all_series_of_MetalLB_from_its_beginning_and_they_go_with_it()
    {
        Take(Session("192.0.2.1", BfdState.Down, default));
        Assert.Equal(Names.Select(name => $"metallb_bfd_{name} 192.0.2.1 "), _scrape.Keys);
        Assert.All(_scrape.Values, value => Assert.Equal(0, value));
        Assert.All(_scrape.Keys, series => Assert.Contains(MetricVocabulary.All, metric => metric.Name == series.Split(' ')[0]));
        Take(Session("192.0.2.1", BfdState.Up, new(10, 12, 3, 4, 1, 0)), Session("2001:db8::1", BfdState.Up, new(1, 2, 0, 0, 1, 0)));
        Assert.Equal("10 12 3 4 0 1 1 1", Values("192.0.2.1 "));
        Assert.Equal("1 2 0 0 0 1 1 1", Values("2001:db8::1 "));
        Take(Session("192.0.2.1", BfdState.Down, new(11, 15, 3, 4, 1, 1)));
        Assert.Equal("11 15 3 4 1 0 1 2", Values("192.0.2.1 "));
        Assert.Equal(Names.Length, _scrape.Count);
        Take(Session("192.0.2.1", BfdState.AdminDown, new(11, 16, 3, 4, 1, 1)));
        Assert.Empty(_scrape);
    }

    [Fact]
    public void Counters_never_go_back_and_what_did_not_change_is_not_told()
    {
        Take(Session("192.0.2.1", BfdState.Up, new(10, 12, 0, 0, 1, 0)));
        _metrics.Take([Session("192.0.2.1", BfdState.Up, new(10, 12, 0, 0, 1, 0))], []);
        Assert.False(_metrics.TryTake(out _));
        Take(Session("192.0.2.1", BfdState.Down, new(1, 2, 0, 0, 0, 0)));
        Take(Session("192.0.2.1", BfdState.Down, new(3, 2, 0, 0, 0, 0)));
        Assert.Equal("12 12 0 0 0 0 1 1", Values("192.0.2.1 "));
    }

    [Fact]
    public void Paths_to_one_peer_add_up_a_VRF_is_another_peer_and_a_link_local_one_is_called_by_its_interface()
    {
        var address = IpAddress.Parse("192.0.2.1");
        Take(
            Session(new BfdSessionKey(false, address), BfdState.Down, new(1, 1, 0, 0, 0, 0)),
            Session(new BfdSessionKey(true, address), BfdState.Up, new(2, 3, 0, 0, 1, 0)),
            Session(new BfdSessionKey(false, address, Vrf: "red"), BfdState.Down, new(7, 7, 0, 0, 0, 0)),
            Session(new BfdSessionKey(false, IpAddress.Parse("fe80::1"), null, 2), BfdState.Up, new(9, 9, 0, 0, 1, 0)));
        Assert.Equal("3 4 0 0 0 1 1 1", Values("192.0.2.1 "));
        Assert.Equal("7 7 0 0 0 0 0 0", Values("192.0.2.1 red"));
        Assert.Equal("9 9 0 0 0 1 1 1", Values("eth1 "));
    }

    private static BfdSessionSnapshot Session(string peer, BfdState state, BfdCounters counters) =>
        Session(new BfdSessionKey(false, IpAddress.Parse(peer)), state, counters);

    private static BfdSessionSnapshot Session(BfdSessionKey key, BfdState state, BfdCounters counters) => new(
        key, state, BfdDiagnostic.None, state, BfdDiagnostic.None, 1, 2, default, default, false, counters);

    private string Values(string labels) => string.Join(' ', Names.Select(name => _scrape[$"metallb_bfd_{name} {labels}"]));

    private void Take(params BfdSessionSnapshot[] sessions)
    {
        _metrics.Take(sessions, [new LinkState(2, "eth1", default)]);
        while (_metrics.TryTake(out var change))
        {
            Assert.Equal(["peer", "vrf"], change.Labels.Select(label => label.Name));
            var series = $"{change.Name} {change.Labels[0].Value} {change.Labels[1].Value}";
            if (change.Operation == MetricOperation.Remove)
                Assert.True(_scrape.Remove(series));
            else
                _scrape[series] = change.Value + (change.Operation == MetricOperation.Add ? _scrape.GetValueOrDefault(series) : 0);
        }
    }
}
