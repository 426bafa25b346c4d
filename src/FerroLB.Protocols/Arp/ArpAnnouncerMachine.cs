using System;
using FerroLB.Protocols.Announcing;
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
/// also sent unasked in a burst (<see cref="AnnouncementTable"/>): each round is a request and then a reply, both broadcast, because some
/// receivers learn from the one only and some from the other. Withdrawing is silence. Whatever another host sends with an address of ours
/// as its own is a claim, which ends a hand-over or begins a conflict.
/// </para>
/// <para>
/// Frames wait in a ring of 256. Rounds wait while it is full; a reply that finds it full pushes out the oldest frame. Answering
/// allocates nothing.
/// </para>
/// </summary>
/// <param name="gratuitousInterval">How often an announcement is repeated unasked after its burst; zero for never.</param>
/// <param name="random">Draws the phases of repetition.</param>
public sealed class ArpAnnouncerMachine(TimeSpan gratuitousInterval, SeededRandom random) : IMachine<AnnouncerInput, AnnouncerOutput>
{
    private const int FramesPerRound = 2;

    private readonly AnnouncementTable _table = new(gratuitousInterval, random);
    private readonly FrameRing _frames = new(EthernetHeader.MinimumFrameBytes);
    private readonly long[] _drops = new long[(int)ArpDropReason.InterfaceMismatch + 1];

    /// <inheritdoc/>
    public Instant? NextDeadline => _table.NextDeadline;

    /// <summary>What became of the last frame.</summary>
    public ArpVerdict LastVerdict { get; private set; }

    /// <summary>Whether <see cref="TryTakeCounts"/> has something.</summary>
    public bool HasCounts => _table.HasCounts;

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
            case AnnouncerInputKind.AddressAnnounced when input.Address.IsIPv4:
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
        while (_table.Next is { } next && next.Due <= now && _frames.FreeFrames >= FramesPerRound)
        {
            SendRound(next);
            _table.RoundSent(next, FramesPerRound, now);
        }
    }

    /// <inheritdoc/>
    public bool TryTake(out AnnouncerOutput output)
    {
        if (_table.TryTakeFilter(out var changed, out var addresses))
        {
            output = AnnouncerOutput.SetFilter(changed, addresses);
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
        var packet = default(ArpPacket);
        var reason = _table.FindLink(linkIndex) is not { } link
            ? ArpDropReason.UnknownLink
            : Judge(link, frame, now, out packet, out var announcement) is not ArpDropReason.None and var found
                ? found
                : Answer(announcement!, packet);
        _drops[(int)reason]++;
        LastVerdict = new(linkIndex, reason, packet);
    }

    private ArpDropReason Judge(
        AnnouncingLinkEntry link, ReadOnlySpan<byte> frame, Instant now, out ArpPacket packet, out Announcement? announcement)
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
        if (link.Announcements.TryGetValue(packet.SenderAddress, out var claimed))
            _table.HearClaim(claimed, packet.SenderMac, header.Destination.IsMulticast, now);
        if (packet.Operation != ArpOperation.Request)
            return ArpDropReason.ArpReply;
        if (header.Destination != MacAddress.Broadcast && header.Destination != link.Link.Mac)
            return ArpDropReason.EthernetDestination;
        if (link.Announcements.TryGetValue(packet.TargetAddress, out announcement))
            return ArpDropReason.None;
        return _table.IsAnnounced(packet.TargetAddress) ? ArpDropReason.InterfaceMismatch : ArpDropReason.AnnounceIp;
    }

    private ArpDropReason Answer(Announcement announcement, in ArpPacket request)
    {
        var link = announcement.Link.Link;
        var reply = new ArpPacket(ArpOperation.Reply, link.Mac, request.TargetAddress, request.SenderMac, request.SenderAddress);
        reply.WriteFrame(_frames.Append(link.Index), request.SenderMac);
        _table.CountAnswer(announcement);
        return ArpDropReason.None;
    }

    private void SendRound(Announcement announcement)
    {
        var link = announcement.Link.Link;
        var address = announcement.Address.Address;
        var packet = new ArpPacket(ArpOperation.Request, link.Mac, address, MacAddress.Broadcast, address);
        packet.WriteFrame(_frames.Append(link.Index), MacAddress.Broadcast);
        (packet with { Operation = ArpOperation.Reply }).WriteFrame(_frames.Append(link.Index), MacAddress.Broadcast);
    }
}
