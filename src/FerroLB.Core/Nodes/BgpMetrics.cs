using System;
using System.Collections.Generic;
using System.Globalization;
using FerroLB.Core.Config;
using FerroLB.Core.Status;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>The metrics of sessions, by MetalLB's names: they are there as soon as the session is, and go with it.</summary>
internal sealed class BgpMetrics(Queue<BgpNodeOutput> outputs)
{
    private const string Prefix = "metallb_bgp_";

    private static readonly (string Name, Func<BgpSessionCounters, long> Read)[] Counters =
    [
        ("updates_total", counters => counters.UpdatesSent),
        ("updates_total_received", counters => counters.UpdatesReceived),
        ("opens_sent", counters => counters.OpensSent),
        ("opens_received", counters => counters.OpensReceived),
        ("notifications_sent", counters => counters.NotificationsSent),
        ("keepalives_sent", counters => counters.KeepAlivesSent),
        ("keepalives_received", counters => counters.KeepAlivesReceived),
        ("route_refresh_sent", counters => counters.RouteRefreshesSent),
        ("total_sent", counters => counters.TotalSent),
        ("total_received", counters => counters.TotalReceived),
    ];

    /// <summary>Says how a peer is, as far as that is new.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="isNew">Whether nothing was said of it yet.</param>
    public void Tell(BgpNeighbor peer, bool isNew)
    {
        var session = peer.Machine?.Snapshot;
        var now = new BgpNeighborFigures(
            session?.State == BgpSessionState.Established, Carried(peer, AddressFamily.IPv4) + Carried(peer, AddressFamily.IPv6),
            peer.Rib.PendingCount, session?.Counters ?? default);
        var before = peer.Figures;
        if (now == before && !isNew)
            return;
        peer.Figures = now;
        var labels = LabelsOf(peer.Config);
        Set("session_up", now.IsUp ? 1 : 0, before.IsUp ? 1 : 0, isNew, labels);
        Set("announced_prefixes_total", now.Announced, before.Announced, isNew, labels);
        Set("pending_prefixes_total", now.Pending, before.Pending, isNew, labels);
        foreach (var (name, read) in Counters)
        {
            if (isNew || read(now.Counters) != read(before.Counters))
                Put(new(MetricOperation.Add, Prefix + name, read(now.Counters) - (isNew ? 0 : read(before.Counters)), labels));
        }
    }

    /// <summary>Takes back what was said of a peer.</summary>
    public void Remove(BgpNeighbor peer)
    {
        var labels = LabelsOf(peer.Config);
        foreach (var name in (string[])["session_up", "announced_prefixes_total", "pending_prefixes_total"])
            Put(new(MetricOperation.Remove, Prefix + name, 0, labels));
        foreach (var (name, _) in Counters)
            Put(new(MetricOperation.Remove, Prefix + name, 0, labels));
    }

    private static int Carried(BgpNeighbor peer, AddressFamily family) =>
        (family == AddressFamily.IPv4 ? peer.Session?.IPv4Unicast : peer.Session?.IPv6Unicast) == true ? peer.Rib.DesiredCount(family) : 0;

    private void Set(string name, int now, int before, bool isNew, LogField[] labels)
    {
        if (isNew || now != before)
            Put(new(MetricOperation.Set, Prefix + name, now, labels));
    }

    private void Put(MetricChange change) => outputs.Enqueue(new BgpNodeOutput.ChangeMetric(change));

    private static LogField[] LabelsOf(PeerConfig peer)
    {
        var host = peer.Interface ?? peer.Address!.Value.ToString();
        var port = peer.Port.ToString(CultureInfo.InvariantCulture);
        return [new("peer", host.Contains(':') ? $"[{host}]:{port}" : $"{host}:{port}"), new("vrf", peer.Vrf)];
    }
}
