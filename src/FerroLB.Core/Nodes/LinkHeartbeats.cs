using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Status;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The heartbeats of a link loop: tells the <see cref="HeartbeatMachine"/> on which interfaces this node owns addresses, turns its orders
/// into outputs, and its news into log lines, metrics and a report to the control loop. Owned addresses are counted per interface, so a
/// change costs the change.
/// </summary>
internal sealed class LinkHeartbeats(HeartbeatConfig config, SeededRandom random, LinkEvents events, LinkReports reports)
{
    /// <summary>The group of IPv4 to which heartbeats are sent. Both groups are link-local, and RFC 4727's for experiments, which no
    /// other protocol uses.</summary>
    public static readonly IpAddress GroupIPv4 = IpAddress.Parse("224.0.0.254");

    /// <summary>The group of IPv6, used where the interface has a link-local address.</summary>
    public static readonly IpAddress GroupIPv6 = IpAddress.Parse("ff02::114");

    private static readonly TimeSpan CountSpacing = TimeSpan.FromSeconds(5);

    private readonly HeartbeatMachine _machine = new(config, random);
    private readonly SortedDictionary<string, int> _ownedByInterface = new(StringComparer.Ordinal);
    private readonly SortedSet<(int LinkIndex, IpAddress Group)> _memberships = [];
    private readonly Queue<LinkOutput> _orders = new();
    private readonly SortedSet<int> _accused = [];
    private IReadOnlyList<HeartbeatLink> _told = [];
    private SortedDictionary<int, LinkUse> _links = [];
    private int _ownedEverywhere;
    private Instant _countsDue;

    /// <summary>Whether nothing may be answered: this process stood still, and others may have taken its addresses.</summary>
    public bool IsMuted => _machine.IsMuted;

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => _machine.NextDeadline;

    /// <summary>To be called before anything else at each wake-up.</summary>
    public void Notice(Instant now)
    {
        _machine.Notice(now);
        TakeNews();
    }

    public void Advance(Instant now)
    {
        _machine.Advance(now);
        TakeNews();
        if (now >= _countsDue)
            ReportCounts(now);
    }

    public void Handle(in HeartbeatInput input, Instant now)
    {
        _machine.Handle(input, now);
        TakeNews();
        if (now >= _countsDue)
            ReportCounts(now);
    }

    /// <summary>An address is owned, or no longer, or on other interfaces than before.</summary>
    public void ChangeOwned(OwnedAddress? before, OwnedAddress? after)
    {
        Count(before, -1);
        Count(after, 1);
    }

    /// <summary>Tells what changed by <see cref="ChangeOwned"/>, and the interfaces as they are now.</summary>
    public void Reconsider(SortedDictionary<int, LinkUse> links, Instant now)
    {
        if (!ReferenceEquals(_links, links))
        {
            _links = links;
            ChangeMemberships(links);
        }
        var told = links.Values.Where(use => use.IsUsable)
            .Select(use => new HeartbeatLink(use.Link.Index, use.Link.HasCarrier, Owns(use.Link.Name))).ToList();
        if (told.SequenceEqual(_told))
            return;
        _told = told;
        Handle(HeartbeatInput.LinksChanged(told), now);
    }

    /// <summary>Takes an interface on which others do not hear this node, so that its addresses should be announced again there.</summary>
    public bool TryTakeAccused(out int linkIndex)
    {
        linkIndex = _accused.Min;
        return _accused.Remove(linkIndex);
    }

    public bool TryTake(out LinkOutput output)
    {
        if (_orders.TryDequeue(out output))
            return true;
        // News were taken after every call, so these are heartbeats.
        if (!_machine.TryTake(out var order))
            return false;
        var isIPv6 = _links.TryGetValue(order.LinkIndex, out var use) && use.LinkLocal is not null;
        output = LinkOutput.SendHeartbeat(order.LinkIndex, order.Packet, isIPv6 ? GroupIPv6 : GroupIPv4);
        return true;
    }

    private bool Owns(string interfaceName) => _ownedEverywhere > 0 || _ownedByInterface.ContainsKey(interfaceName);

    private void Count(OwnedAddress? owned, int change)
    {
        if (owned is { Interfaces: null })
            _ownedEverywhere += change;
        foreach (var name in owned?.Interfaces ?? [])
        {
            var count = _ownedByInterface.GetValueOrDefault(name) + change;
            if (count > 0)
                _ownedByInterface[name] = count;
            else
                _ownedByInterface.Remove(name);
        }
    }

    private void ChangeMemberships(SortedDictionary<int, LinkUse> links)
    {
        var wanted = new SortedSet<(int LinkIndex, IpAddress Group)>();
        foreach (var use in links.Values.Where(use => use.IsUsable))
        {
            wanted.Add((use.Link.Index, GroupIPv4));
            if (use.LinkLocal is not null)
                wanted.Add((use.Link.Index, GroupIPv6));
        }
        foreach (var (linkIndex, group) in _memberships.Except(wanted))
            _orders.Enqueue(LinkOutput.HearHeartbeats(linkIndex, group, hears: false));
        foreach (var (linkIndex, group) in wanted.Except(_memberships))
            _orders.Enqueue(LinkOutput.HearHeartbeats(linkIndex, group, hears: true));
        _memberships.Clear();
        _memberships.UnionWith(wanted);
    }

    private void TakeNews()
    {
        var isReportDue = false;
        while (_machine.TryTakeNews(out var news))
        {
            isReportDue |= news.Kind is HeartbeatOutputKind.PeerChanged or HeartbeatOutputKind.StoodStill;
            if (news.Kind == HeartbeatOutputKind.Accused)
                _accused.Add(news.LinkIndex);
            if (HeartbeatLog.Of(news, _links.TryGetValue(news.LinkIndex, out var use) ? use.Link.Name : "") is { } line)
                events.Add(line);
        }
        if (isReportDue)
            reports.Put(new LinkReport.PeersChanged([.. _machine.Peers], _machine.Standstills));
    }

    private void ReportCounts(Instant now)
    {
        _countsDue = now + CountSpacing;
        var (sent, received) = _machine.TakeCounts();
        Add("ferrolb_heartbeats_sent_total", sent);
        Add("ferrolb_heartbeats_received_total", received);
        for (var refusal = HeartbeatRefusal.None + 1; refusal <= HeartbeatRefusal.TooManyPeers; refusal++)
        {
            if (_machine.TakeRefused(refusal) is > 0 and var count)
                Add("ferrolb_heartbeats_refused_total", count, new LogField("reason", HeartbeatLog.ReasonText(refusal)));
        }
    }

    private void Add(string name, long count, params IReadOnlyList<LogField> labels)
    {
        if (count > 0)
            events.Add(new MetricChange(MetricOperation.Add, name, count, labels));
    }
}
