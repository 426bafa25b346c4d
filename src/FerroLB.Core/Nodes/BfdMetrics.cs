using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Status;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Ethernet;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The metrics of BFD sessions, by MetalLB's names: told from the pictures that the BFD loop makes of its sessions, one after the other. A
/// series is there as soon as its session is, and goes with it. A peer that is watched over several paths is counted once, and up when one
/// of them is.
/// </summary>
public sealed class BfdMetrics
{
    private const string Prefix = "metallb_bfd_";
    private const string Up = Prefix + "session_up";

    private static readonly (string Name, Func<BfdCounters, long> Read)[] Counters =
    [
        ("control_packet_input", counters => counters.ControlIn),
        ("control_packet_output", counters => counters.ControlOut),
        ("echo_packet_input", counters => counters.EchoIn),
        ("echo_packet_output", counters => counters.EchoOut),
        ("session_up_events", counters => counters.UpEvents),
        ("session_down_events", counters => counters.DownEvents),
        // What FRR tells its zebra is what is told here to BGP: that a path is there or lost.
        ("zebra_notifications", counters => counters.UpEvents + counters.DownEvents),
    ];

    private readonly Queue<MetricChange> _changes = new();
    private SortedDictionary<(string Peer, string Vrf), Figures> _told = [];

    /// <summary>Takes a picture of all sessions.</summary>
    /// <param name="sessions">The sessions, those that are saying farewell among them.</param>
    /// <param name="links">The node's interfaces, whose names stand for peers that have a link-local address only.</param>
    public void Take(IReadOnlyList<BfdSessionSnapshot> sessions, IReadOnlyList<LinkState> links)
    {
        var now = new SortedDictionary<(string Peer, string Vrf), Figures>();
        foreach (var session in sessions.Where(session => session.State != BfdState.AdminDown))
        {
            var series = (NameOf(session.Key, links), session.Key.Vrf ?? "");
            now[series] = now.GetValueOrDefault(series).With(session);
        }
        foreach (var (series, figures) in now)
            Tell(series, figures, _told.TryGetValue(series, out var before) ? before : null);
        foreach (var (series, _) in _told.Where(item => !now.ContainsKey(item.Key)))
        {
            foreach (var name in Counters.Select(counter => Prefix + counter.Name).Prepend(Up))
                _changes.Enqueue(new(MetricOperation.Remove, name, 0, LabelsOf(series)));
        }
        _told = now;
    }

    /// <summary>Takes the next change of a series.</summary>
    public bool TryTake(out MetricChange change) => _changes.TryDequeue(out change!);

    private void Tell((string Peer, string Vrf) series, Figures now, Figures? before)
    {
        if (now == before)
            return;
        var labels = LabelsOf(series);
        if (now.IsUp != before?.IsUp)
            _changes.Enqueue(new(MetricOperation.Set, Up, now.IsUp ? 1 : 0, labels));
        foreach (var (name, read) in Counters)
        {
            // A session that was made anew counts from zero, and a counter never goes back.
            var more = Math.Max(0, read(now.Counters) - (before is { } past ? read(past.Counters) : 0));
            if (before is null || more > 0)
                _changes.Enqueue(new(MetricOperation.Add, Prefix + name, more, labels));
        }
    }

    private static string NameOf(BfdSessionKey key, IReadOnlyList<LinkState> links) =>
        (key.Peer.IsLinkLocal ? links.FirstOrDefault(link => link.Index == key.LinkIndex)?.Name : null) ?? key.Peer.ToString();

    private static LogField[] LabelsOf((string Peer, string Vrf) series) => [new("peer", series.Peer), new("vrf", series.Vrf)];

    /// <summary>What is told of a peer.</summary>
    private readonly record struct Figures(bool IsUp, BfdCounters Counters)
    {
        public Figures With(BfdSessionSnapshot session)
        {
            var more = session.Counters;
            return new(IsUp || session.State == BfdState.Up, new(
                Counters.ControlIn + more.ControlIn, Counters.ControlOut + more.ControlOut, Counters.EchoIn + more.EchoIn,
                Counters.EchoOut + more.EchoOut, Counters.UpEvents + more.UpEvents, Counters.DownEvents + more.DownEvents));
        }
    }
}
