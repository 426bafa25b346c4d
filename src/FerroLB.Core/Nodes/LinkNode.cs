using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// A speaker's link loop: everything that must be quick and must not wait for Kubernetes.
/// <para>
/// The world tells it the node's interfaces, at the start and whenever one changes. Those that an operator excluded are forgotten at
/// once; the rest are reported to the control loop, and the usable ones are handed to <see cref="ArpAnnouncerMachine"/> for IPv4 and, with
/// an IPv6 link-local address, to <see cref="NdpAnnouncerMachine"/> for IPv6.
/// The control loop commands, per Service, which addresses this node owns and on which interfaces; <see cref="OwnedAddressTable"/>
/// counts references, and what changes by it for an address reaches the announcer. From then on requests are answered and bursts sent
/// by the announcer alone.
/// </para>
/// <para>
/// An address that moves to another node is yielded, not withdrawn: the announcer goes on answering until it hears the new owner, and says
/// so. It also says when another host claims an address that does not move; such conflicts are reported to the control loop.
/// </para>
/// <para>
/// A node that owns addresses says so by heartbeats (<see cref="HeartbeatMachine"/>), and listens to those of others. When it finds that
/// it stood still so long that another may have taken its addresses, its announcers are left without interfaces until that is known.
/// </para>
/// <para>
/// Outputs leave in this order: heartbeats, filters and frames, reports (of each kind the latest), log lines and removed metrics, and at
/// most once per second the counters. A node that counts nothing has no deadline for them, so an idle process sleeps. At most 1,024 log
/// lines wait; further ones are counted instead. Handling a frame allocates nothing unless every frame is logged.
/// </para>
/// </summary>
public sealed class LinkNode : IMachine<LinkInput, LinkOutput>
{
    private static readonly TimeSpan CountSpacing = TimeSpan.FromSeconds(1);

    private readonly LinkNodeOptions _options;
    private readonly ArpAnnouncerMachine _arp;
    private readonly NdpAnnouncerMachine _ndp;
    private readonly OwnedAddressTable _table = new();
    private readonly LinkEvents _events = new();
    private readonly LinkReports _reports = new();
    private readonly LinkHeartbeats? _heartbeats;
    private SortedDictionary<int, LinkUse> _links = [];
    private readonly YieldedAddresses _yielded = new();
    private readonly SortedDictionary<(IpAddress Address, int LinkIndex), AddressConflict> _conflicts = [];
    private SortedSet<MacAddress> _macs = [];
    private LinkSnapshot? _snapshot;
    private Instant _countsDue = Instant.Zero;
    private bool _isReportingCounts;
    private bool _areLinksKnown;
    private bool _isAskedForSilence;
    private bool _isMuted;

    /// <summary>Makes a link loop that owns nothing.</summary>
    /// <param name="options">What the operator chose.</param>
    /// <param name="seed">Fixes every draw.</param>
    public LinkNode(LinkNodeOptions options, ulong seed)
    {
        var random = new SeededRandom(seed);
        _options = options;
        _arp = new(options.GratuitousInterval, random.Fork("arp"));
        _ndp = new(options.GratuitousInterval, random.Fork("ndp"));
        _heartbeats = options.Heartbeats is { } config ? new(config, random.Fork("heartbeats"), _events, _reports) : null;
    }

    /// <inheritdoc/>
    public Instant? NextDeadline => Instant.Earlier(
        Instant.Earlier(_arp.NextDeadline, _ndp.NextDeadline),
        Instant.Earlier(_heartbeats?.NextDeadline, HasCounts ? _countsDue : null));

    /// <summary>The present state. The same object as before when nothing changed; read it on the machine's own thread.</summary>
    public LinkSnapshot Snapshot
    {
        get
        {
            if (_snapshot is null || _snapshot.ArpDrops != _arp.Drops || _snapshot.NdpDrops != _ndp.Drops)
            {
                _snapshot = new(_snapshot?.Links ?? [.. _links.Values], _table.Addresses, _arp.Drops, _ndp.Drops)
                {
                    Conflicts = [.. _conflicts.Values],
                };
            }
            return _snapshot;
        }
    }

    private bool HasCounts => _arp.HasCounts || _ndp.HasCounts;

    /// <inheritdoc/>
    public void Handle(in LinkInput input, Instant now)
    {
        Notice(now);
        switch (input.Kind)
        {
            case LinkInputKind.FrameReceived:
                Receive(input.LinkIndex, input.Frame, now);
                break;
            case LinkInputKind.LinksChanged:
                ChangeLinks(input.Links ?? [], now);
                break;
            case LinkInputKind.CommandReceived when input.Command is LinkCommand.AnnounceService announce:
                Hold(announce.Service, announce.Wishes, announce.Elsewhere, now);
                break;
            case LinkInputKind.CommandReceived when input.Command is LinkCommand.RetractService retract:
                Hold(retract.Service, [], [], now);
                break;
            case LinkInputKind.CommandReceived when input.Command is LinkCommand.TellWhenSilent:
                _isAskedForSilence = true;
                break;
            case LinkInputKind.HeartbeatReceived:
                _heartbeats?.Handle(HeartbeatInput.PacketReceived(input.LinkIndex, input.Heartbeat), now);
                break;
            case LinkInputKind.HeartbeatRefused:
                _heartbeats?.Handle(HeartbeatInput.PacketRefused(input.Refusal), now);
                break;
            case LinkInputKind.CommandReceived when input.Command is LinkCommand.ConfirmOwnership confirm:
                _heartbeats?.Handle(HeartbeatInput.OwnershipConfirmed(confirm.Standstill), now);
                break;
            case LinkInputKind.CommandReceived when input.Command is LinkCommand.AnnounceLeaving:
                _heartbeats?.Handle(HeartbeatInput.LeaveRequested(), now);
                break;
        }
        FollowHeartbeats(now);
        TakeEvents();
        ReportCountsIfDue(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        Notice(now);
        _heartbeats?.Advance(now);
        _arp.Advance(now);
        _ndp.Advance(now);
        FollowHeartbeats(now);
        TakeEvents();
        ReportCountsIfDue(now);
    }

    /// <inheritdoc/>
    public bool TryTake(out LinkOutput output)
    {
        if (_heartbeats is not null && _heartbeats.TryTake(out output))
            return true;
        if (_arp.TryTake(out var order))
        {
            output = LinkOutput.From(order, LinkOutputKind.SetArpFilter);
            return true;
        }
        if (_ndp.TryTake(out order))
        {
            output = LinkOutput.From(order, LinkOutputKind.SetNdpFilter);
            return true;
        }
        if (_reports.Take() is { } report)
        {
            output = LinkOutput.TellControl(report);
            return true;
        }
        if (_events.TryTake(out output))
            return true;
        if (!_isReportingCounts)
            return false;
        _isReportingCounts = _arp.TryTakeCounts(out var counts) || _ndp.TryTakeCounts(out counts);
        if (_isReportingCounts)
            _events.AddCounts(counts);
        return _events.TryTake(out output);
    }

    private void ReportCountsIfDue(Instant now)
    {
        if (!HasCounts || now < _countsDue)
            return;
        _isReportingCounts = true;
        _countsDue = now + CountSpacing;
    }

    private string NameOf(int linkIndex) => _links.TryGetValue(linkIndex, out var use) ? use.Link.Name : "";

    private void ChangeLinks(IReadOnlyList<LinkState> links, Instant now)
    {
        var before = _links;
        var after = new SortedDictionary<int, LinkUse>();
        foreach (var link in links)
        {
            if (!_options.Exclusions.Excludes(link.Name))
                after[link.Index] = LinkUse.Of(link);
        }
        var isChanged = !_areLinksKnown || !before.Values.SequenceEqual(after.Values);
        // Excluded interfaces announce nothing, but what is heard from them is no stranger's.
        var macs = new SortedSet<MacAddress>(links.Select(link => link.Mac));
        if (!isChanged && macs.SetEquals(_macs))
            return;
        (_areLinksKnown, _links, _macs) = (true, after, macs);
        if (isChanged)
        {
            _snapshot = null;
            _reports.Put(new LinkReport.LinksChanged([.. after.Values.Select(use => use.Link)]));
            LogLinks(before, after);
        }
        TellAnnouncers(now);
        _heartbeats?.Reconsider(_links, now);
    }

    // A muted node has no interface on which it could answer or announce: what is queued on its sockets goes with them.
    private void TellAnnouncers(Instant now)
    {
        var links = _isMuted ? [] : _links.Values.Where(use => use.IsUsable).ToArray();
        _arp.Handle(AnnouncerInput.LinksChanged([.. links.Select(Announcing)], _macs), now);
        _ndp.Handle(AnnouncerInput.LinksChanged([.. links.Where(use => use.IsUsableForIpv6).Select(Announcing)], _macs), now);
    }

    private void Notice(Instant now)
    {
        if (_heartbeats is null)
            return;
        _heartbeats.Notice(now);
        FollowHeartbeats(now);
    }

    private void FollowHeartbeats(Instant now)
    {
        if (_heartbeats is null)
            return;
        if (_heartbeats.IsMuted != _isMuted)
        {
            _isMuted = _heartbeats.IsMuted;
            TellAnnouncers(now);
        }
        while (_heartbeats.TryTakeAccused(out var linkIndex))
        {
            var name = NameOf(linkIndex);
            foreach (var owned in _table.Addresses.Values.Where(owned => owned.Interfaces?.Contains(name) ?? true))
                Tell(AnnouncerInput.RefreshRequested(owned.Address), now);
        }
    }

    private static AnnouncingLink Announcing(LinkUse use) =>
        new(use.Link.Index, use.Link.Name, use.Link.Mac, use.Link.HasCarrier) { LinkLocal = use.LinkLocal ?? default };

    private void Receive(int linkIndex, ReadOnlyMemory<byte> frame, Instant now)
    {
        var received = AnnouncerInput.FrameReceived(linkIndex, frame);
        var isIpv6 = EthernetHeader.TryRead(frame.Span, out var header, out _) && header.EtherType == EtherType.IPv6;
        if (isIpv6)
            _ndp.Handle(received, now);
        else
            _arp.Handle(received, now);
        if (_options.LogsFrames)
        {
            _events.Add(isIpv6
                ? LinkLog.FrameJudged(_ndp.LastVerdict, NameOf(linkIndex))
                : LinkLog.FrameJudged(_arp.LastVerdict, NameOf(linkIndex)));
        }
    }

    private void LogLinks(SortedDictionary<int, LinkUse> before, SortedDictionary<int, LinkUse> after)
    {
        foreach (var use in before.Values.Where(use => !after.ContainsKey(use.Link.Index)))
            _events.Add(LinkLog.LinkGone(use));
        foreach (var use in after.Values)
        {
            if (!before.TryGetValue(use.Link.Index, out var old) || old.Usability != use.Usability ||
                old.Link.Name != use.Link.Name || old.Link.Mac != use.Link.Mac)
                _events.Add(LinkLog.LinkListed(use));
        }
    }

    private void Hold(ObjectKey service, IReadOnlyList<AddressWish> wishes, IReadOnlyList<IpAddress> elsewhere, Instant now)
    {
        var before = _table.Addresses;
        foreach (var address in _table.Hold(service, wishes))
        {
            var old = before.GetValueOrDefault(address);
            _heartbeats?.ChangeOwned(old, _table.Addresses.GetValueOrDefault(address));
            if (!_table.Addresses.TryGetValue(address, out var owned))
                GiveUp(service, address, elsewhere.Contains(address), now);
            else if (old is null || !OwnedAddress.AreSame(old.Interfaces, owned.Interfaces))
                Announce(owned, now);
        }
        _heartbeats?.Reconsider(_links, now);
        foreach (var address in _yielded.Of(service))
        {
            if (!elsewhere.Contains(address))
                Withdraw(address, now);
        }
        if (!ReferenceEquals(before, _table.Addresses) && _snapshot is not null)
            _snapshot = _snapshot with { Addresses = _table.Addresses };
    }

    private void GiveUp(ObjectKey service, IpAddress address, bool isElsewhere, Instant now)
    {
        if (!isElsewhere)
        {
            Withdraw(address, now);
            return;
        }
        _events.Add(LinkLog.Yielding(address));
        _yielded.Add(address, service);
        Tell(AnnouncerInput.AddressYielded(address), now);
    }

    private void Announce(OwnedAddress owned, Instant now)
    {
        _yielded.Remove(owned.Address);
        _events.Add(LinkLog.Announcing(owned));
        if (!_links.Values.Any(use => use.IsUsableFor(owned.Address.Family) && (owned.Interfaces?.Contains(use.Link.Name) ?? true)))
            _events.Add(LinkLog.NoInterface(owned));
        Tell(AnnouncerInput.AddressAnnounced(owned.Address, owned.Interfaces), now);
    }

    private void Withdraw(IpAddress address, Instant now)
    {
        _yielded.Remove(address);
        _events.Add(LinkLog.Withdrawn(address));
        Tell(AnnouncerInput.AddressRetracted(address), now);
        _events.RemoveCounts(address);
    }

    private void Tell(in AnnouncerInput input, Instant now)
    {
        if (input.Address.IsIPv4)
            _arp.Handle(input, now);
        else
            _ndp.Handle(input, now);
    }

    private void TakeEvents()
    {
        var isChanged = false;
        while (_arp.TryTakeEvent(out var taken) || _ndp.TryTakeEvent(out taken))
            isChanged |= Take(taken);
        if (isChanged)
        {
            _reports.Put(new LinkReport.ConflictsChanged([.. _conflicts.Values]));
            _snapshot = _snapshot is null ? null : _snapshot with { Conflicts = [.. _conflicts.Values] };
        }
        if (!_isAskedForSilence || !_table.Addresses.IsEmpty || !_yielded.IsEmpty)
            return;
        _isAskedForSilence = false;
        _reports.Put(new LinkReport.Silent());
    }

    /// <summary>Whether the conflicts changed by it.</summary>
    private bool Take(in AnnouncementEvent taken)
    {
        var key = (taken.Address, taken.LinkIndex);
        switch (taken.Kind)
        {
            case AnnouncementEventKind.Released when _yielded.Remove(taken.Address):
                _events.Add(LinkLog.Released(taken.Address, NameOf(taken.LinkIndex), taken.Mac));
                _events.RemoveCounts(taken.Address);
                return false;
            case AnnouncementEventKind.ConflictBegan:
                _conflicts[key] = new(taken.Address, NameOf(taken.LinkIndex), taken.Mac);
                _events.Add(LinkLog.ConflictBegan(_conflicts[key]));
                return true;
            case AnnouncementEventKind.ClaimCounted:
                _events.CountClaim(taken.Address);
                return false;
            case AnnouncementEventKind.ConflictEnded when _conflicts.Remove(key, out var ended):
                _events.Add(LinkLog.ConflictEnded(ended));
                return true;
            default:
                return false;
        }
    }
}
