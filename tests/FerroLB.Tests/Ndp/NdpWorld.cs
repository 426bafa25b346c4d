using System;
using System.Collections.Generic;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Ndp;

/// <summary>An announcer with a virtual clock that keeps what it ordered.</summary>
internal sealed class NdpWorld(int intervalSeconds = 60)
{
    public static readonly AnnouncingLink Eth0 = new(2, "eth0", new(0x020000000002), true) { LinkLocal = IpAddress.Parse("fe80::2") };
    public static readonly AnnouncingLink Eth1 = new(3, "eth1", new(0x020000000003), true) { LinkLocal = IpAddress.Parse("fe80::3") };

    public NdpAnnouncerMachine Machine { get; } = new(TimeSpan.FromSeconds(intervalSeconds), new SeededRandom(1));

    public long NowMilliseconds { get; private set; }

    public List<NdpSent> Sent { get; } = [];

    /// <summary>Filters and memberships in order, such as "2: 2001:db8::10" and "join 2 ff02::1:ff00:10".</summary>
    public List<string> Orders { get; } = [];

    public NdpWorld Links(params AnnouncingLink[] links) => Feed(AnnouncerInput.LinksChanged(links));

    public NdpWorld Announce(string address, params string[] interfaces) =>
        Feed(AnnouncerInput.AddressAnnounced(IpAddress.Parse(address), interfaces.Length == 0 ? null : interfaces));

    public NdpWorld Retract(string address) => Feed(AnnouncerInput.AddressRetracted(IpAddress.Parse(address)));

    public NdpDropReason Receive(AnnouncingLink link, byte[] frame)
    {
        Feed(AnnouncerInput.FrameReceived(link.Index, frame));
        return Machine.LastVerdict.Reason;
    }

    public NdpWorld Yield(string address) => Feed(AnnouncerInput.AddressYielded(IpAddress.Parse(address)));

    /// <summary>What happened to addresses since the last time, such as "Released on 2 by 02:00:00:00:00:c1".</summary>
    public List<string> TakeEvents()
    {
        var events = new List<string>();
        while (Machine.TryTakeEvent(out var taken))
            events.Add(taken.LinkIndex == 0 ? $"{taken.Kind}" : $"{taken.Kind} on {taken.LinkIndex} by {taken.Mac}");
        return events;
    }

    public NdpWorld Forget()
    {
        Sent.Clear();
        Orders.Clear();
        return this;
    }

    public NdpWorld Feed(in AnnouncerInput input)
    {
        Machine.Handle(input, Instant.FromMilliseconds(NowMilliseconds));
        Drain();
        return this;
    }

    public NdpWorld PassTo(long milliseconds)
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
            switch (output.Kind)
            {
                case AnnouncerOutputKind.SetFilter:
                    Orders.Add($"{output.LinkIndex}: {(output.Addresses is null ? "closed" : string.Join(',', output.Addresses))}");
                    break;
                case AnnouncerOutputKind.JoinGroup or AnnouncerOutputKind.LeaveGroup:
                    var verb = output.Kind == AnnouncerOutputKind.JoinGroup ? "join" : "leave";
                    Orders.Add($"{verb} {output.LinkIndex} {output.Group}");
                    break;
                default:
                    Sent.Add(Read(output));
                    break;
            }
        }
    }

    private NdpSent Read(in AnnouncerOutput output) =>
        EthernetHeader.TryRead(output.Frame.Span, out var header, out var payload) &&
        NdpPacket.TryRead(payload, out var packet) == NdpReading.Read
            ? new(NowMilliseconds, output.LinkIndex, header, packet)
            : throw new FormatException("sent something that is no neighbour discovery");
}

/// <summary>A message that left.</summary>
internal sealed record NdpSent(long AtMilliseconds, int LinkIndex, EthernetHeader Header, NdpPacket Packet);
