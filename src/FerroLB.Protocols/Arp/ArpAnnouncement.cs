using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Arp;

/// <summary>An owned address: where it is announced, and what was counted but not reported yet.</summary>
internal sealed class ArpAddress(IpAddress address)
{
    public readonly IpAddress Address = address;
    public readonly SortedDictionary<int, ArpAnnouncement> Announcements = [];
    public IReadOnlyCollection<string>? Interfaces;
    public long RequestsReceived;
    public long ResponsesSent;
    public long GratuitousSent;
    public bool IsUnreported;
    public bool IsRetracted;
    public ArpAddress? NextUnreported;

    public uint Key => (uint)Address.Value;
}

/// <summary>An interface and what is announced on it, by the address's number.</summary>
internal sealed class ArpLinkEntry(ArpLink link)
{
    public readonly Dictionary<uint, ArpAnnouncement> Announcements = [];
    public ArpLink Link = link;
    public ImmutableSortedSet<IpAddress> Addresses = [];
}

/// <summary>One address on one interface, and when it is announced unasked next.</summary>
internal sealed class ArpAnnouncement(ArpAddress address, ArpLinkEntry link)
{
    public readonly ArpAddress Address = address;
    public readonly ArpLinkEntry Link = link;
    public Instant? Due;
    public Instant? LastSent;
    public Instant BurstEnd;
}

/// <summary>The earliest first; ties by address and interface, so that the order never depends on history.</summary>
internal sealed class ArpAnnouncementOrder : IComparer<ArpAnnouncement>
{
    public int Compare(ArpAnnouncement? x, ArpAnnouncement? y)
    {
        if (x is null || y is null)
            return x is null ? y is null ? 0 : -1 : 1;
        var order = (x.Due ?? Instant.MaxValue).CompareTo(y.Due ?? Instant.MaxValue);
        if (order == 0)
            order = x.Address.Key.CompareTo(y.Address.Key);
        return order != 0 ? order : x.Link.Link.Index.CompareTo(y.Link.Link.Index);
    }
}
