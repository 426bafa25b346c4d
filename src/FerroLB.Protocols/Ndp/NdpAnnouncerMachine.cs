using System;
using System.Collections.Generic;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Ndp;

/// <summary>
/// Makes this node the owner of IPv6 addresses in the eyes of its LANs.
/// <para>
/// Its owner says which interfaces are usable and which addresses are announced on which of them (<see cref="AnnouncementTable"/>). For
/// every interface it orders a filter for exactly these targets, and membership of their solicited-node groups, because a switch that
/// snoops multicast listener reports sends a solicitation only where somebody joined. A solicitation is read in place, found wanting (and
/// then counted by the reason) or looked up, and answered from the interface's link-local address: to the sender, solicited and without
/// override; or, when the sender has no address yet and probes whether ours is free (RFC 4862 5.4.3), to all nodes.
/// </para>
/// <para>
/// The answer goes to the link-layer address that the solicitation names; one that came by unicast may name none, and is answered to the
/// station it came from. Unasked, each round is one advertisement to all nodes that overrides what they know. Withdrawing is silence.
/// Another host's advertisement of an address of ours is a claim, which ends a hand-over or begins a conflict.
/// </para>
/// <para>
/// Frames wait in a ring of 256. Rounds wait while it is full; an answer that finds it full pushes out the oldest frame. Answering
/// allocates nothing.
/// </para>
/// </summary>
/// <param name="gratuitousInterval">How often an announcement is repeated unasked after its burst; zero for never.</param>
/// <param name="random">Draws the phases of repetition.</param>
public sealed class NdpAnnouncerMachine(TimeSpan gratuitousInterval, SeededRandom random) : IMachine<AnnouncerInput, AnnouncerOutput>
{
    private readonly AnnouncementTable _table = new(gratuitousInterval, random);
    private readonly FrameRing _frames = new(NdpPacket.FrameBytes);
    private readonly long[] _drops = new long[(int)NdpDropReason.InterfaceMismatch + 1];
    private readonly SortedDictionary<int, SortedSet<IpAddress>> _groups = [];
    private readonly Queue<AnnouncerOutput> _memberships = new();

    /// <inheritdoc/>
    public Instant? NextDeadline => _table.NextDeadline;

    /// <summary>What became of the last frame.</summary>
    public NdpVerdict LastVerdict { get; private set; }

    /// <summary>Whether <see cref="TryTakeCounts"/> has something.</summary>
    public bool HasCounts => _table.HasCounts;

    /// <summary>The frames that got no answer so far.</summary>
    public NdpDropCounts Drops => new(
        _drops[(int)NdpDropReason.UnknownLink],
        _drops[(int)NdpDropReason.Malformed],
        _drops[(int)NdpDropReason.NotNdp],
        _drops[(int)NdpDropReason.VlanTag],
        _drops[(int)NdpDropReason.HopLimit],
        _drops[(int)NdpDropReason.Advertisement],
        _drops[(int)NdpDropReason.NoSourceLinkLayerAddress],
        _drops[(int)NdpDropReason.Destination],
        _drops[(int)NdpDropReason.AnnounceIp],
        _drops[(int)NdpDropReason.InterfaceMismatch],
        _frames.PushedOut);

    /// <inheritdoc/>
    public void Handle(in AnnouncerInput input, Instant now)
    {
        switch (input.Kind)
        {
            case AnnouncerInputKind.FrameReceived:
                Receive(input.LinkIndex, input.Frame.Span, now);
                return;
            case AnnouncerInputKind.LinksChanged:
                _table.ChangeLinks(input.Links ?? [], input.OwnMacs ?? [], now);
                break;
            case AnnouncerInputKind.AddressAnnounced when input.Address.IsIPv6:
                _table.Announce(input.Address, input.Interfaces, now);
                break;
            case AnnouncerInputKind.AddressRetracted:
                _table.Retract(input.Address);
                break;
            case AnnouncerInputKind.AddressYielded:
                _table.Yield(input.Address, now);
                break;
            case AnnouncerInputKind.RefreshRequested:
                _table.Refresh(input.Address, now);
                break;
        }
        Advance(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        _table.Expire(now);
        while (_table.Next is { } next && next.Due <= now && _frames.FreeFrames > 0)
        {
            Send(next, NdpGroup.AllNodes, NdpGroup.MacOf(NdpGroup.AllNodes), NdpFlags.Override);
            _table.RoundSent(next, 1, now);
        }
    }

    /// <inheritdoc/>
    public bool TryTake(out AnnouncerOutput output)
    {
        if (_memberships.TryDequeue(out output))
            return true;
        if (_table.TryTakeFilter(out var changed, out var addresses))
        {
            output = AnnouncerOutput.SetFilter(changed, addresses);
            ChangeGroups(changed, addresses);
            return true;
        }
        var isTaken = _frames.TryTake(out var linkIndex, out var frame);
        output = isTaken ? AnnouncerOutput.SendFrame(linkIndex, frame) : default;
        return isTaken;
    }

    /// <summary>
    /// Takes what was counted for one address since the last time; addresses in the order in which they were first counted for.
    /// </summary>
    public bool TryTakeCounts(out AnnouncementCounts counts) => _table.TryTakeCounts(out counts);

    /// <summary>Takes what happened to addresses by others' doing, or by nothing being heard of them; in order.</summary>
    public bool TryTakeEvent(out AnnouncementEvent taken) => _table.TryTakeEvent(out taken);

    private void Receive(int linkIndex, ReadOnlySpan<byte> frame, Instant now)
    {
        var packet = default(NdpPacket);
        var reason = _table.FindLink(linkIndex) is not { } link
            ? NdpDropReason.UnknownLink
            : Judge(link, frame, now, out packet, out var sender, out var announcement) is not NdpDropReason.None and var found
                ? found
                : Answer(announcement!, packet, sender);
        _drops[(int)reason]++;
        LastVerdict = new(linkIndex, reason, packet);
    }

    private NdpDropReason Judge(
        AnnouncingLinkEntry link, ReadOnlySpan<byte> frame, Instant now, out NdpPacket packet, out MacAddress sender,
        out Announcement? announcement)
    {
        packet = default;
        announcement = null;
        var isRead = EthernetHeader.TryRead(frame, out var header, out var payload);
        sender = header.Source;
        if (!isRead)
            return NdpDropReason.Malformed;
        if (header.EtherType != EtherType.IPv6)
            return NdpDropReason.NotNdp;
        if (!header.IsUntagged)
            return NdpDropReason.VlanTag;
        var reading = NdpPacket.TryRead(payload, out packet);
        if (reading != NdpReading.Read)
            return reading == NdpReading.NotNdp ? NdpDropReason.NotNdp : NdpDropReason.Malformed;
        if (packet.HopLimit != NdpPacket.RequiredHopLimit)
            return NdpDropReason.HopLimit;
        if (packet.Type != NdpType.Solicitation)
        {
            if (link.Announcements.TryGetValue(packet.Target, out var claimed))
                _table.HearClaim(claimed, packet.LinkLayerAddress ?? sender, header.Destination.IsMulticast, now);
            return NdpDropReason.Advertisement;
        }
        var fault = JudgeSolicitation(link, header, packet);
        if (fault != NdpDropReason.None)
            return fault;
        if (link.Announcements.TryGetValue(packet.Target, out announcement))
            return NdpDropReason.None;
        return _table.IsAnnounced(packet.Target) ? NdpDropReason.InterfaceMismatch : NdpDropReason.AnnounceIp;
    }

    private static NdpDropReason JudgeSolicitation(AnnouncingLinkEntry link, in EthernetHeader header, in NdpPacket packet)
    {
        var isProbe = packet.Source.IsUnspecified;
        var isToGroup = NdpGroup.IsGroup(packet.Destination);
        var answerTo = packet.LinkLayerAddress ?? header.Source;
        if (NdpGroup.IsGroup(packet.Target) || NdpGroup.IsGroup(packet.Source) || answerTo.IsMulticast || answerTo == MacAddress.Zero ||
            (isProbe && (packet.LinkLayerAddress is not null || packet.Destination != NdpGroup.SolicitedNode(packet.Target))))
            return NdpDropReason.Malformed;
        if (!isProbe && isToGroup && packet.LinkLayerAddress is null)
            return NdpDropReason.NoSourceLinkLayerAddress;
        var isForUs = header.Destination == link.Link.Mac || header.Destination.IsMulticast;
        return isForUs && (isToGroup || packet.Destination == packet.Target) ? NdpDropReason.None : NdpDropReason.Destination;
    }

    private NdpDropReason Answer(Announcement announcement, in NdpPacket solicitation, MacAddress sender)
    {
        if (solicitation.Source.IsUnspecified)
            Send(announcement, NdpGroup.AllNodes, NdpGroup.MacOf(NdpGroup.AllNodes), NdpFlags.Override);
        else
            Send(announcement, solicitation.Source, solicitation.LinkLayerAddress ?? sender, NdpFlags.Solicited);
        _table.CountAnswer(announcement);
        return NdpDropReason.None;
    }

    private void Send(Announcement announcement, IpAddress destination, MacAddress destinationMac, NdpFlags flags)
    {
        var link = announcement.Link.Link;
        var packet = new NdpPacket(NdpType.Advertisement, link.LinkLocal, destination, announcement.Address.Address)
        {
            Flags = flags,
            LinkLayerAddress = link.Mac,
        };
        packet.WriteFrame(_frames.Append(link.Index), destinationMac, link.Mac);
    }

    private void ChangeGroups(int linkIndex, IReadOnlyList<IpAddress>? addresses)
    {
        var wanted = new SortedSet<IpAddress>();
        foreach (var address in addresses ?? [])
            wanted.Add(NdpGroup.SolicitedNode(address));
        _groups.TryGetValue(linkIndex, out var joined);
        foreach (var group in wanted)
        {
            if (joined is null || !joined.Contains(group))
                _memberships.Enqueue(AnnouncerOutput.Membership(linkIndex, group, isMember: true));
        }
        foreach (var group in joined ?? [])
        {
            if (!wanted.Contains(group))
                _memberships.Enqueue(AnnouncerOutput.Membership(linkIndex, group, isMember: false));
        }
        if (addresses is null)
            _groups.Remove(linkIndex);
        else
            _groups[linkIndex] = wanted;
    }
}
