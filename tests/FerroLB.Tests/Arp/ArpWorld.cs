using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Arp;

/// <summary>An announcer with a virtual clock that keeps which frame left when and where.</summary>
internal sealed class ArpWorld(int intervalSeconds = 60)
{
    public static readonly AnnouncingLink Eth0 = new(2, "eth0", new(0x020000000002), true);
    public static readonly AnnouncingLink Eth1 = new(3, "eth1", new(0x020000000003), true);

    public ArpAnnouncerMachine Machine { get; } = new(TimeSpan.FromSeconds(intervalSeconds), new SeededRandom(1));

    /// <summary>Milliseconds since the beginning.</summary>
    public long NowMilliseconds { get; private set; }

    public List<ArpSent> Sent { get; } = [];

    public List<AnnouncerOutput> Filters { get; } = [];

    /// <summary>When gratuitous requests left an interface, in milliseconds; every one must be followed by its reply.</summary>
    public IEnumerable<long> RoundsOn(AnnouncingLink link) => Sent
        .Where(sent => sent.LinkIndex == link.Index && sent.Packet.Operation == ArpOperation.Request)
        .Select(sent => sent.AtMilliseconds);

    public ArpWorld Links(params AnnouncingLink[] links) => Feed(AnnouncerInput.LinksChanged(links));

    public ArpWorld Announce(string address, params string[] interfaces) =>
        Feed(AnnouncerInput.AddressAnnounced(IpAddress.Parse(address), interfaces.Length == 0 ? null : interfaces));

    public ArpWorld Retract(string address) => Feed(AnnouncerInput.AddressRetracted(IpAddress.Parse(address)));

    public ArpWorld Refresh(string address) => Feed(AnnouncerInput.RefreshRequested(IpAddress.Parse(address)));

    public ArpDropReason Receive(AnnouncingLink link, byte[] frame)
    {
        Feed(AnnouncerInput.FrameReceived(link.Index, frame));
        return Machine.LastVerdict.Reason;
    }

    public ArpWorld Yield(string address) => Feed(AnnouncerInput.AddressYielded(IpAddress.Parse(address)));

    /// <summary>What happened to addresses since the last time, such as "Released on 2 by 02:00:00:00:00:c1".</summary>
    public List<string> TakeEvents()
    {
        var events = new List<string>();
        while (Machine.TryTakeEvent(out var taken))
            events.Add(taken.LinkIndex == 0 ? $"{taken.Kind}" : $"{taken.Kind} on {taken.LinkIndex} by {taken.Mac}");
        return events;
    }

    public ArpWorld Forget()
    {
        Sent.Clear();
        Filters.Clear();
        return this;
    }

    public ArpWorld Feed(in AnnouncerInput input)
    {
        Machine.Handle(input, Instant.FromMilliseconds(NowMilliseconds));
        Drain();
        return this;
    }

    public ArpWorld PassTo(long milliseconds)
    {
        while (Machine.NextDeadline is { } deadline && deadline <= Instant.FromMilliseconds(milliseconds))
        {
            NowMilliseconds = Math.Max(NowMilliseconds, (deadline.Ticks + 9999) / TimeSpan.TicksPerMillisecond);
            Machine.Advance(Instant.FromMilliseconds(NowMilliseconds));
            Drain();
        }
        NowMilliseconds = milliseconds;
        return this;
    }

    private void Drain()
    {
        while (Machine.TryTake(out var output))
        {
            if (output.Kind == AnnouncerOutputKind.SetFilter)
                Filters.Add(output);
            else if (EthernetHeader.TryRead(output.Frame.Span, out var header, out var payload) &&
                ArpPacket.TryRead(payload, out var packet))
                Sent.Add(new(NowMilliseconds, output.LinkIndex, header, packet));
            else
                throw new InvalidOperationException("the announcer sent something that is not ARP");
        }
    }
}

internal sealed record ArpSent(long AtMilliseconds, int LinkIndex, EthernetHeader Header, ArpPacket Packet);
