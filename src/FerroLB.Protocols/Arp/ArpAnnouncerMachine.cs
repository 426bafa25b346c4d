using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Arp;

/// <summary>
/// Makes this node the owner of IPv4 addresses in the eyes of its LANs.
/// <para>
/// Its owner says which interfaces are usable and which addresses are announced on which of them. From the two follows, per
/// interface, a table of addresses; whenever it changes, a filter order tells the world which requests are worth hearing. A frame
/// that arrives is read in place, found wanting (and then counted by the reason) or looked up in the interface's table, and answered:
/// the reply says that the address is at the MAC of the interface on which the request came, and goes to the MAC that the request's
/// ARP part names as sender. Sender address, hardware type and subnet are not looked at: a probe for an address of ours (RFC 5227)
/// deserves the answer that it is taken.
/// </para>
/// <para>
/// An announcement that is new on an interface, and every announcement on an interface that changed its MAC or found its carrier, is
/// also sent unasked in a burst (<see cref="ArpSchedule"/>): each round is a request and then a reply, both broadcast, because some
/// receivers learn from the one only and some from the other. Withdrawing is silence.
/// </para>
/// <para>
/// Frames wait in a ring of 256. Rounds wait while it is full; a reply that finds it full pushes out the oldest frame. Answering
/// allocates nothing.
/// </para>
/// </summary>
/// <param name="gratuitousInterval">How often an announcement is repeated unasked after its burst; zero for never.</param>
/// <param name="random">Draws the phases of repetition.</param>
public sealed class ArpAnnouncerMachine(TimeSpan gratuitousInterval, SeededRandom random) : IMachine<ArpInput, ArpOutput>
{
    private const int FramesPerRound = 2;

    private readonly Dictionary<int, ArpLinkEntry> _links = [];
    private readonly Dictionary<uint, ArpAddress> _addresses = [];
    private readonly SortedSet<int> _changedFilters = [];
    private readonly ArpSchedule _schedule = new(gratuitousInterval, random);
    private readonly ArpFrameRing _frames = new();
    private readonly long[] _drops = new long[(int)ArpDropReason.InterfaceMismatch + 1];
    private ArpAddress? _firstUnreported;
    private ArpAddress? _lastUnreported;

    /// <inheritdoc/>
    public Instant? NextDeadline => _schedule.Next?.Due;

    /// <summary>What became of the last frame.</summary>
    public ArpVerdict LastVerdict { get; private set; }

    /// <summary>Whether <see cref="TryTakeCounts"/> has something.</summary>
    public bool HasCounts => _firstUnreported is not null;

    /// <summary>The frames that got no answer so far.</summary>
    public ArpDropCounts Drops => new(
        _drops[(int)ArpDropReason.UnknownLink],
        _drops[(int)ArpDropReason.Malformed],
        _drops[(int)ArpDropReason.NotArp],
        _drops[(int)ArpDropReason.VlanTag],
        _drops[(int)ArpDropReason.ArpReply],
        _drops[(int)ArpDropReason.EthernetDestination],
        _drops[(int)ArpDropReason.AnnounceIp],
        _drops[(int)ArpDropReason.InterfaceMismatch],
        _frames.PushedOut);

    /// <inheritdoc/>
    public void Handle(in ArpInput input, Instant now)
    {
        switch (input.Kind)
        {
            case ArpInputKind.FrameReceived:
                Receive(input.LinkIndex, input.Frame.Span);
                return;
            case ArpInputKind.LinksChanged:
                ChangeLinks(input.Links ?? [], now);
                break;
            case ArpInputKind.AddressAnnounced when input.Address.IsIPv4:
                Announce(input.Address, input.Interfaces, now);
                break;
            case ArpInputKind.AddressRetracted when input.Address.IsIPv4:
                Retract((uint)input.Address.Value);
                break;
            case ArpInputKind.RefreshRequested when input.Address.IsIPv4:
                Refresh((uint)input.Address.Value, now);
                break;
        }
        Advance(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        while (_schedule.Next is { } next && next.Due <= now && _frames.FreeFrames >= FramesPerRound)
        {
            SendRound(next);
            _schedule.RoundSent(next, now);
        }
    }

    /// <inheritdoc/>
    public bool TryTake(out ArpOutput output)
    {
        if (_changedFilters.Count > 0)
        {
            var index = _changedFilters.Min;
            _changedFilters.Remove(index);
            output = ArpOutput.SetFilter(index, _links.TryGetValue(index, out var link) ? link.Addresses : null);
            return true;
        }
        var isTaken = _frames.TryTake(out var linkIndex, out var frame);
        output = isTaken ? ArpOutput.SendFrame(linkIndex, frame) : default;
        return isTaken;
    }

    /// <summary>
    /// Takes what was counted for one address since the last time; addresses in the order in which they were first counted for.
    /// </summary>
    public bool TryTakeCounts(out ArpCounts counts)
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

    private void Receive(int linkIndex, ReadOnlySpan<byte> frame)
    {
        var packet = default(ArpPacket);
        var reason = !_links.TryGetValue(linkIndex, out var link)
            ? ArpDropReason.UnknownLink
            : Judge(link, frame, out packet, out var announcement) is not ArpDropReason.None and var found
                ? found
                : Answer(announcement!, packet);
        _drops[(int)reason]++;
        LastVerdict = new(linkIndex, reason, packet);
    }

    private ArpDropReason Judge(ArpLinkEntry link, ReadOnlySpan<byte> frame, out ArpPacket packet, out ArpAnnouncement? announcement)
    {
        packet = default;
        announcement = null;
        if (!EthernetHeader.TryRead(frame, out var header, out var payload))
            return ArpDropReason.Malformed;
        if (header.EtherType != EtherType.Arp)
            return ArpDropReason.NotArp;
        if (!header.IsUntagged)
            return ArpDropReason.VlanTag;
        if (!ArpPacket.TryRead(payload, out packet) || packet.SenderMac.IsMulticast || packet.SenderMac == MacAddress.Zero)
            return ArpDropReason.Malformed;
        if (packet.Operation != ArpOperation.Request)
            return ArpDropReason.ArpReply;
        if (header.Destination != MacAddress.Broadcast && header.Destination != link.Link.Mac)
            return ArpDropReason.EthernetDestination;
        var target = (uint)packet.TargetAddress.Value;
        if (link.Announcements.TryGetValue(target, out announcement))
            return ArpDropReason.None;
        return _addresses.ContainsKey(target) ? ArpDropReason.InterfaceMismatch : ArpDropReason.AnnounceIp;
    }

    private ArpDropReason Answer(ArpAnnouncement announcement, in ArpPacket request)
    {
        var link = announcement.Link.Link;
        var reply = new ArpPacket(ArpOperation.Reply, link.Mac, request.TargetAddress, request.SenderMac, request.SenderAddress);
        reply.WriteFrame(_frames.Append(link.Index), request.SenderMac);
        announcement.Address.RequestsReceived++;
        announcement.Address.ResponsesSent++;
        MarkUnreported(announcement.Address);
        return ArpDropReason.None;
    }

    private void SendRound(ArpAnnouncement announcement)
    {
        var link = announcement.Link.Link;
        var address = announcement.Address.Address;
        var packet = new ArpPacket(ArpOperation.Request, link.Mac, address, MacAddress.Broadcast, address);
        packet.WriteFrame(_frames.Append(link.Index), MacAddress.Broadcast);
        (packet with { Operation = ArpOperation.Reply }).WriteFrame(_frames.Append(link.Index), MacAddress.Broadcast);
        announcement.Address.GratuitousSent += FramesPerRound;
        MarkUnreported(announcement.Address);
    }

    private void MarkUnreported(ArpAddress address)
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

    private void Announce(IpAddress ip, IReadOnlyCollection<string>? interfaces, Instant now)
    {
        var key = (uint)ip.Value;
        if (!_addresses.TryGetValue(key, out var address))
            _addresses[key] = address = new(ip);
        address.Interfaces = interfaces is null ? null : new SortedSet<string>(interfaces, StringComparer.Ordinal);
        foreach (var link in _links.Values)
            Place(address, link, now);
    }

    private void Retract(uint key)
    {
        if (!_addresses.Remove(key, out var address))
            return;
        address.IsRetracted = true;
        foreach (var announcement in address.Announcements.Values.ToArray())
            Detach(announcement);
    }

    private void Refresh(uint key, Instant now)
    {
        if (!_addresses.TryGetValue(key, out var address))
            return;
        foreach (var announcement in address.Announcements.Values)
            _schedule.Trigger(announcement, now);
    }

    private void ChangeLinks(IReadOnlyList<ArpLink> links, Instant now)
    {
        var present = new SortedDictionary<int, ArpLink>();
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

    private void AddLink(ArpLink link, Instant now)
    {
        var entry = new ArpLinkEntry(link);
        _links[link.Index] = entry;
        _changedFilters.Add(link.Index);
        foreach (var address in _addresses.Values)
            Place(address, entry, now);
    }

    private void ChangeLink(ArpLinkEntry entry, ArpLink link, Instant now)
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
    private void Place(ArpAddress address, ArpLinkEntry link, Instant now)
    {
        var isWanted = address.Interfaces?.Contains(link.Link.Name) ?? true;
        var isPresent = address.Announcements.TryGetValue(link.Link.Index, out var announcement);
        if (isPresent && !isWanted)
            Detach(announcement!);
        if (isPresent || !isWanted)
            return;
        announcement = new(address, link);
        address.Announcements.Add(link.Link.Index, announcement);
        link.Announcements.Add(address.Key, announcement);
        link.Addresses = link.Addresses.Add(address.Address);
        _changedFilters.Add(link.Link.Index);
        _schedule.Trigger(announcement, now);
    }

    private void Detach(ArpAnnouncement announcement)
    {
        var (address, link) = (announcement.Address, announcement.Link);
        _schedule.Plan(announcement, null);
        address.Announcements.Remove(link.Link.Index);
        link.Announcements.Remove(address.Key);
        link.Addresses = link.Addresses.Remove(address.Address);
        _changedFilters.Add(link.Link.Index);
    }

    private void DetachAll(ArpLinkEntry link)
    {
        foreach (var announcement in link.Announcements.Values.ToArray())
            Detach(announcement);
    }
}
