using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Announcing;

/// <summary>
/// What is announced where: the part that address resolution by ARP and by NDP have in common.
/// <para>
/// Its owner says which interfaces are usable and which addresses are announced on which of them. From the two follows, per
/// interface, a table of addresses; whenever it changes, the interface is listed for <see cref="TryTakeFilter"/>, so that the world
/// learns which requests are worth hearing. An announcement that is new on an interface, and every announcement on an interface that
/// changed its MAC or found its carrier, is due at once and then in a burst (<see cref="AnnouncementSchedule"/>). What is received and
/// sent is counted per address and handed out once.
/// </para>
/// <para>
/// An address that another node is about to own is yielded: it is still answered for, but not announced any more, on each interface until
/// somebody else is heard to announce it there, and nowhere longer than a second. So a client always finds somebody who answers. Whoever
/// announces an address that is not yielded makes <see cref="ClaimJudge"/> think.
/// </para>
/// </summary>
internal sealed class AnnouncementTable
{
    /// <summary>The longest that a yielded address is answered for.</summary>
    public static readonly TimeSpan YieldDuration = TimeSpan.FromSeconds(1);

    // How much earlier than this node the new owner may have learned of a move.
    private static readonly TimeSpan ClaimMemory = TimeSpan.FromSeconds(2);

    private readonly Dictionary<int, AnnouncingLinkEntry> _links = [];
    private readonly Dictionary<IpAddress, AnnouncedAddress> _addresses = [];
    private readonly SortedSet<int> _changedFilters = [];
    private readonly AnnouncementSchedule _schedule;
    private readonly ClaimJudge _claims;
    private readonly Queue<AnnouncementEvent> _events = new();
    private readonly Queue<(Instant End, AnnouncedAddress Address)> _yields = new();
    private SortedSet<MacAddress> _ownMacs = [];
    private AnnouncedAddress? _firstUnreported;
    private AnnouncedAddress? _lastUnreported;

    public AnnouncementTable(TimeSpan gratuitousInterval, SeededRandom random)
    {
        _schedule = new(gratuitousInterval, random);
        _claims = new(_schedule, _events);
    }

    /// <summary>The announcement whose round is due first, or null.</summary>
    public Announcement? Next => _schedule.Next;

    /// <summary>When a round is due, or <see cref="Expire"/> has something to do.</summary>
    public Instant? NextDeadline => Instant.Earlier(
        Next?.Due, Instant.Earlier(_claims.NextDeadline, _yields.TryPeek(out var first) ? first.End : null));

    /// <summary>Whether <see cref="TryTakeCounts"/> has something.</summary>
    public bool HasCounts => _firstUnreported is not null;

    /// <summary>The interface of an index, or null.</summary>
    public AnnouncingLinkEntry? FindLink(int linkIndex) => _links.GetValueOrDefault(linkIndex);

    /// <summary>Whether an address is announced on some interface.</summary>
    public bool IsAnnounced(IpAddress address) => _addresses.ContainsKey(address);

    /// <summary>
    /// Takes an interface whose set of addresses changed, lowest index first; the addresses are sorted and never change afterwards, null
    /// when the interface is gone.
    /// </summary>
    public bool TryTakeFilter(out int linkIndex, out IReadOnlyList<IpAddress>? addresses)
    {
        linkIndex = _changedFilters.Count > 0 ? _changedFilters.Min : 0;
        addresses = _changedFilters.Remove(linkIndex) ? FindLink(linkIndex)?.Addresses : null;
        return linkIndex != 0;
    }

    /// <summary>
    /// Takes what was counted for one address since the last time; addresses in the order in which they were first counted for.
    /// </summary>
    public bool TryTakeCounts(out AnnouncementCounts counts)
    {
        counts = default;
        while (_firstUnreported is { } address)
        {
            _firstUnreported = address.NextUnreported;
            address.NextUnreported = null;
            address.IsUnreported = false;
            if (address.IsRetracted)
                continue;
            counts = new(address.Address, address.RequestsReceived, address.ResponsesSent, address.GratuitousSent);
            address.RequestsReceived = address.ResponsesSent = address.GratuitousSent = 0;
            return true;
        }
        return false;
    }

    /// <summary>Takes what happened, in order; at most a few per address wait.</summary>
    public bool TryTakeEvent(out AnnouncementEvent taken) => _events.TryDequeue(out taken);

    /// <summary>Counts a request that was answered.</summary>
    public void CountAnswer(Announcement announcement)
    {
        announcement.Address.RequestsReceived++;
        announcement.Address.ResponsesSent++;
        MarkUnreported(announcement.Address);
    }

    /// <summary>Counts a round that was sent, and plans the next.</summary>
    public void RoundSent(Announcement announcement, int frames, Instant now)
    {
        announcement.Address.GratuitousSent += frames;
        MarkUnreported(announcement.Address);
        _schedule.RoundSent(announcement, now);
    }

    /// <summary>Makes an address announced on interfaces of these names, or (null) on all.</summary>
    public void Announce(IpAddress ip, IReadOnlyCollection<string>? interfaces, Instant now)
    {
        if (!_addresses.TryGetValue(ip, out var address))
            _addresses[ip] = address = new(ip);
        address.Interfaces = interfaces is null ? null : new SortedSet<string>(interfaces, StringComparer.Ordinal);
        if (address.IsYielding)
        {
            address.IsYielding = false;
            foreach (var kept in address.Announcements.Values)
                Begin(kept, now);
        }
        foreach (var link in _links.Values)
            Place(address, link, now);
    }

    /// <summary>Lets another node have an address: answers for it until that node is heard, for a second at most.</summary>
    public void Yield(IpAddress ip, Instant now)
    {
        if (!_addresses.TryGetValue(ip, out var address) || address.IsYielding)
            return;
        address.IsYielding = true;
        address.YieldEnd = now + YieldDuration;
        _yields.Enqueue((address.YieldEnd, address));
        var last = default(MacAddress);
        var lastLink = 0;
        foreach (var announcement in address.Announcements.Values.ToArray())
        {
            _schedule.Plan(announcement, null);
            var isHeard = announcement.ClaimedAt is { } claimed && now - claimed <= ClaimMemory && !(announcement.LastSent >= claimed);
            if (isHeard)
                (last, lastLink) = (announcement.Claimant, announcement.Link.Link.Index);
            _claims.Forget(announcement);
            if (isHeard)
                Detach(announcement);
        }
        if (address.Announcements.Count == 0)
            Release(address, lastLink, last);
    }

    /// <summary>
    /// Another host says that an address is at its MAC. Tells nothing when the MAC is one of this node's own, as between two interfaces
    /// on one LAN.
    /// </summary>
    /// <param name="announcement">The announcement of that address on the interface on which it was heard.</param>
    /// <param name="mac">Where the other host says that it is.</param>
    /// <param name="isToAll">Whether the whole LAN was told.</param>
    /// <param name="now">The time.</param>
    public void HearClaim(Announcement announcement, MacAddress mac, bool isToAll, Instant now)
    {
        if (_ownMacs.Contains(mac) || mac.IsMulticast || mac == MacAddress.Zero)
            return;
        if (isToAll)
            (announcement.ClaimedAt, announcement.Claimant) = (now, mac);
        if (!announcement.Address.IsYielding)
        {
            _claims.Hear(announcement, mac, now);
            return;
        }
        if (!isToAll)
            return;
        var (address, link) = (announcement.Address, announcement.Link.Link.Index);
        Detach(announcement);
        if (address.Announcements.Count == 0)
            Release(address, link, mac);
    }

    /// <summary>Silences what was yielded for long enough, and ends conflicts of which nothing is heard any more.</summary>
    public void Expire(Instant now)
    {
        while (_yields.TryPeek(out var first) && first.End <= now)
        {
            _yields.Dequeue();
            // It may have been won back meanwhile, and perhaps yielded anew.
            if (first.Address is { IsYielding: true, IsRetracted: false } address && address.YieldEnd <= now)
                Release(address, 0, default);
        }
        _claims.Advance(now);
    }

    /// <summary>Makes an address silent.</summary>
    public void Retract(IpAddress ip)
    {
        if (!_addresses.Remove(ip, out var address))
            return;
        address.IsRetracted = true;
        foreach (var announcement in address.Announcements.Values.ToArray())
            Detach(announcement);
    }

    private void Release(AnnouncedAddress address, int heardOn, MacAddress heardFrom)
    {
        Retract(address.Address);
        _events.Enqueue(new(AnnouncementEventKind.Released, address.Address, heardOn, heardFrom));
    }

    /// <summary>Starts another burst.</summary>
    public void Refresh(IpAddress ip, Instant now)
    {
        if (!_addresses.TryGetValue(ip, out var address))
            return;
        foreach (var announcement in address.Announcements.Values)
            Trigger(announcement, now);
    }

    /// <summary>Replaces the set of usable interfaces, and of the MACs that are this node's own beside theirs.</summary>
    public void ChangeLinks(IReadOnlyList<AnnouncingLink> links, IEnumerable<MacAddress> ownMacs, Instant now)
    {
        _ownMacs = [.. ownMacs, .. links.Select(link => link.Mac)];
        var present = new SortedDictionary<int, AnnouncingLink>();
        foreach (var link in links)
            present[link.Index] = link;
        foreach (var gone in _links.Values.Where(entry => !present.ContainsKey(entry.Link.Index)).ToArray())
        {
            DetachAll(gone);
            _links.Remove(gone.Link.Index);
            _changedFilters.Add(gone.Link.Index);
        }
        foreach (var link in present.Values)
        {
            if (_links.TryGetValue(link.Index, out var entry))
                ChangeLink(entry, link, now);
            else
                AddLink(link, now);
        }
    }

    private void AddLink(AnnouncingLink link, Instant now)
    {
        var entry = new AnnouncingLinkEntry(link);
        _links[link.Index] = entry;
        _changedFilters.Add(link.Index);
        foreach (var address in _addresses.Values)
            Place(address, entry, now);
    }

    private void ChangeLink(AnnouncingLinkEntry entry, AnnouncingLink link, Instant now)
    {
        var before = entry.Link;
        if (before == link)
            return;
        entry.Link = link;
        if (before.Name != link.Name)
        {
            foreach (var address in _addresses.Values)
                Place(address, entry, now);
        }
        foreach (var announcement in entry.Announcements.Values)
        {
            if (before.Mac != link.Mac)
                announcement.LastSent = null;
            if (!link.HasCarrier)
                _schedule.Plan(announcement, null);
            else if (before.Mac != link.Mac || !before.HasCarrier)
                Trigger(announcement, now);
        }
    }

    /// <summary>Makes an address announced on an interface, or not, as its interface set says.</summary>
    private void Place(AnnouncedAddress address, AnnouncingLinkEntry link, Instant now)
    {
        var isWanted = address.Interfaces?.Contains(link.Link.Name) ?? true;
        var isPresent = address.Announcements.TryGetValue(link.Link.Index, out var announcement);
        if (isPresent && !isWanted)
            Detach(announcement!);
        if (isPresent || !isWanted)
            return;
        announcement = new(address, link);
        address.Announcements.Add(link.Link.Index, announcement);
        link.Announcements.Add(address.Address, announcement);
        link.Addresses = link.Addresses.Add(address.Address);
        _changedFilters.Add(link.Link.Index);
        Begin(announcement, now);
    }

    private void Begin(Announcement announcement, Instant now)
    {
        announcement.Since = now;
        Trigger(announcement, now);
    }

    private void Trigger(Announcement announcement, Instant now)
    {
        if (!announcement.Address.IsYielding)
            _schedule.Trigger(announcement, now);
    }

    private void Detach(Announcement announcement)
    {
        var (address, link) = (announcement.Address, announcement.Link);
        _schedule.Plan(announcement, null);
        _claims.Forget(announcement);
        address.Announcements.Remove(link.Link.Index);
        link.Announcements.Remove(address.Address);
        link.Addresses = link.Addresses.Remove(address.Address);
        _changedFilters.Add(link.Link.Index);
    }

    private void DetachAll(AnnouncingLinkEntry link)
    {
        foreach (var announcement in link.Announcements.Values.ToArray())
            Detach(announcement);
    }

    private void MarkUnreported(AnnouncedAddress address)
    {
        if (address.IsUnreported)
            return;
        address.IsUnreported = true;
        if (_firstUnreported is null)
            _firstUnreported = address;
        else
            _lastUnreported!.NextUnreported = address;
        _lastUnreported = address;
    }
}
