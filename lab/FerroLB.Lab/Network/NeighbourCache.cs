using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>The states of a neighbour entry, named as Linux names them.</summary>
public enum NeighbourState
{
    /// <summary>Asked by broadcast, no answer yet.</summary>
    Incomplete,

    /// <summary>Confirmed not long ago.</summary>
    Reachable,

    /// <summary>Usable, but to be confirmed when it is used.</summary>
    Stale,

    /// <summary>Used while stale: waits a moment for a hint before it asks.</summary>
    Delay,

    /// <summary>Asking the known address by unicast.</summary>
    Probe,

    /// <summary>Nobody answered.</summary>
    Failed,
}

/// <summary>One entry of an <see cref="NeighbourCache"/>.</summary>
public sealed class Neighbour
{
    /// <summary>Where it stands.</summary>
    public NeighbourState State { get; internal set; }

    /// <summary>The hardware address; meaningless while incomplete or failed.</summary>
    public MacAddress Mac { get; internal set; }

    internal Instant ChangedAt { get; set; }

    internal Instant? Due { get; set; }

    internal int Probes { get; set; }
}

/// <summary>
/// A neighbour cache as Linux keeps it for ARP and for neighbour discovery with its default settings: an entry is reachable for 15 to 45
/// seconds after it was confirmed, then stale; using a stale entry starts a delay of 5 seconds and then up to three unicast requests, one
/// per second; without an answer the entry fails, and the next use asks everybody, three times. A gratuitous packet never makes an entry,
/// but replaces the address of one that exists; any other packet that contradicts an entry is ignored while the entry is younger than a
/// second. For IPv6 an advertisement says itself whether it overrides and whether it confirms (RFC 4861 7.2.5), and one that contradicts
/// without overriding makes a reachable entry stale. Time is an argument; requests to be sent are handed to the owner.
/// </summary>
public sealed class NeighbourCache(SeededRandom random, Action<IpAddress, MacAddress?> sendRequest)
{
    private static readonly TimeSpan LeastReachable = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MostReachable = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan DelayBeforeProbe = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Retransmit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LockTime = TimeSpan.FromSeconds(1);
    private const int MostProbes = 3;

    private readonly SortedDictionary<IpAddress, Neighbour> _entries = [];

    /// <summary>The entries, by address.</summary>
    public IReadOnlyDictionary<IpAddress, Neighbour> Entries => _entries;

    /// <summary>When <see cref="Advance"/> has something to do; null for never.</summary>
    public Instant? NextDeadline
    {
        get
        {
            Instant? earliest = null;
            foreach (var entry in _entries.Values)
                earliest = Instant.Earlier(earliest, entry.Due);
            return earliest;
        }
    }

    /// <summary>The host wants to send to an address: gives the hardware address, or asks for it and gives nothing.</summary>
    public MacAddress? Use(IpAddress address, Instant now)
    {
        if (!_entries.TryGetValue(address, out var entry))
            _entries.Add(address, entry = new Neighbour { State = NeighbourState.Failed });
        switch (entry.State)
        {
            case NeighbourState.Failed:
                Ask(entry, address, NeighbourState.Incomplete, now);
                return null;
            case NeighbourState.Incomplete:
                return null;
            case NeighbourState.Stale:
                (entry.State, entry.Due) = (NeighbourState.Delay, now + DelayBeforeProbe);
                return entry.Mac;
            default:
                return entry.Mac;
        }
    }

    /// <summary>A packet arrived; <paramref name="toUs"/> tells whether its target is this host.</summary>
    public void Handle(ArpFrame packet, bool toUs, Instant now)
    {
        var gratuitous = packet.SenderIp == packet.TargetIp && (!packet.IsReply || packet.TargetMac == packet.SenderMac);
        if (!_entries.TryGetValue(packet.SenderIp, out var entry))
        {
            if (toUs && !packet.IsReply && !gratuitous)
                Learn(_entries[packet.SenderIp] = new Neighbour(), packet.SenderMac, confirmed: false, now);
            return;
        }
        var known = entry.State is not (NeighbourState.Incomplete or NeighbourState.Failed);
        var overrides = gratuitous || now - entry.ChangedAt > LockTime;
        if (known && entry.Mac != packet.SenderMac && !overrides)
            return;
        Learn(entry, packet.SenderMac, confirmed: packet.IsReply && toUs, now);
    }

    /// <summary>An advertisement arrived.</summary>
    public void Handle(NdpFrame advertisement, Instant now)
    {
        if (!_entries.TryGetValue(advertisement.Target, out var entry) || entry.State == NeighbourState.Failed)
            return;
        var isNew = entry.State == NeighbourState.Incomplete;
        if (advertisement.LinkLayer is not { } mac)
        {
            if (!isNew && advertisement.IsSolicited)
                Learn(entry, entry.Mac, confirmed: true, now);
            return;
        }
        if (!isNew && mac != entry.Mac && !advertisement.Overrides)
        {
            if (entry.State == NeighbourState.Reachable)
                (entry.State, entry.Due) = (NeighbourState.Stale, null);
            return;
        }
        Learn(entry, mac, advertisement.IsSolicited, now);
    }

    /// <summary>Does what is due: confirmations run out, requests are repeated, silent entries fail.</summary>
    public void Advance(Instant now)
    {
        foreach (var (address, entry) in _entries)
        {
            if (entry.Due is { } due && due <= now)
                Expire(address, entry, now);
        }
    }

    private void Learn(Neighbour entry, MacAddress mac, bool confirmed, Instant now)
    {
        var same = entry.Mac == mac && entry.State is not (NeighbourState.Incomplete or NeighbourState.Failed);
        if (!confirmed && same)
            return;
        if (!same)
            (entry.Mac, entry.ChangedAt) = (mac, now);
        entry.Probes = 0;
        (entry.State, entry.Due) = confirmed
            ? (NeighbourState.Reachable, now + random.Between(LeastReachable, MostReachable))
            : (NeighbourState.Stale, (Instant?)null);
    }

    private void Expire(IpAddress address, Neighbour entry, Instant now)
    {
        switch (entry.State)
        {
            case NeighbourState.Reachable:
                (entry.State, entry.Due) = (NeighbourState.Stale, null);
                break;
            case NeighbourState.Delay:
                Ask(entry, address, NeighbourState.Probe, now);
                break;
            case NeighbourState.Incomplete or NeighbourState.Probe when entry.Probes < MostProbes:
                Repeat(entry, address, now);
                break;
            default:
                (entry.State, entry.Due, entry.Probes) = (NeighbourState.Failed, null, 0);
                break;
        }
    }

    private void Ask(Neighbour entry, IpAddress address, NeighbourState state, Instant now)
    {
        (entry.State, entry.Probes) = (state, 0);
        Repeat(entry, address, now);
    }

    private void Repeat(Neighbour entry, IpAddress address, Instant now)
    {
        entry.Probes++;
        entry.Due = now + Retransmit;
        sendRequest(address, entry.State == NeighbourState.Probe ? entry.Mac : null);
    }
}
