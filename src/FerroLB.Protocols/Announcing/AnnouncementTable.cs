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
/// </summary>
internal sealed class AnnouncementTable(TimeSpan gratuitousInterval, SeededRandom random)
{
    private readonly Dictionary<int, AnnouncingLinkEntry> _links = [];
    private readonly Dictionary<IpAddress, AnnouncedAddress> _addresses = [];
    private readonly SortedSet<int> _changedFilters = [];
    private readonly AnnouncementSchedule _schedule = new(gratuitousInterval, random);
    private AnnouncedAddress? _firstUnreported;
    private AnnouncedAddress? _lastUnreported;

    /// <summary>The announcement whose round is due first, or null.</summary>
    public Announcement? Next => _schedule.Next;

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
        foreach (var link in _links.Values)
            Place(address, link, now);
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

    /// <summary>Starts another burst.</summary>
    public void Refresh(IpAddress ip, Instant now)
    {
        if (!_addresses.TryGetValue(ip, out var address))
            return;
        foreach (var announcement in address.Announcements.Values)
            _schedule.Trigger(announcement, now);
    }

    /// <summary>Replaces the set of usable interfaces.</summary>
    public void ChangeLinks(IReadOnlyList<AnnouncingLink> links, Instant now)
    {
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
                _schedule.Trigger(announcement, now);
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
        _schedule.Trigger(announcement, now);
    }

    private void Detach(Announcement announcement)
    {
        var (address, link) = (announcement.Address, announcement.Link);
        _schedule.Plan(announcement, null);
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
