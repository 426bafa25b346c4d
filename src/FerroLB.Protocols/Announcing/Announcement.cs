using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Announcing;

/// <summary>One address on one interface, and when it is announced unasked next.</summary>
internal sealed class Announcement(AnnouncedAddress address, AnnouncingLinkEntry link)
{
    public readonly AnnouncedAddress Address = address;
    public readonly AnnouncingLinkEntry Link = link;
    public Instant Since;
    public Instant? Due;
    public Instant? LastSent;
    public Instant BurstEnd;

    /// <summary>When another host last told the whole LAN that the address is its own.</summary>
    public Instant? ClaimedAt;
    public MacAddress Claimant;

    /// <summary>The conflict about it, or the suspicion of one; null when nobody else claims it.</summary>
    public Conflict? Conflict;
}

/// <summary>An owned address: where it is announced, and what was counted but not reported yet.</summary>
internal sealed class AnnouncedAddress(IpAddress address)
{
    public readonly IpAddress Address = address;
    public readonly SortedDictionary<int, Announcement> Announcements = [];
    public IReadOnlyCollection<string>? Interfaces;
    public long RequestsReceived;
    public long ResponsesSent;
    public long GratuitousSent;
    public bool IsUnreported;
    public bool IsRetracted;
    public bool IsYielding;
    public Instant YieldEnd;
    public AnnouncedAddress? NextUnreported;
}

/// <summary>An interface and what is announced on it.</summary>
internal sealed class AnnouncingLinkEntry(AnnouncingLink link)
{
    public readonly Dictionary<IpAddress, Announcement> Announcements = [];
    public AnnouncingLink Link = link;
    public ImmutableSortedSet<IpAddress> Addresses = [];
}

/// <summary>The earliest first; ties by address and interface, so that the order never depends on history.</summary>
internal sealed class AnnouncementOrder : IComparer<Announcement>
{
    public int Compare(Announcement? x, Announcement? y)
    {
        if (x is null || y is null)
            return x is null ? y is null ? 0 : -1 : 1;
        var order = (x.Due ?? Instant.MaxValue).CompareTo(y.Due ?? Instant.MaxValue);
        if (order == 0)
            order = x.Address.Address.CompareTo(y.Address.Address);
        return order != 0 ? order : x.Link.Link.Index.CompareTo(y.Link.Link.Index);
    }
}
