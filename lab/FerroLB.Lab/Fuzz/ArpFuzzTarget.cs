using System;
using System.Collections.Generic;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// Ethernet and ARP octets, and the link loop around them. An input is read as a list of events: an octet that says which (frame, command,
/// interfaces, time) and the octets that the event needs. Each frame also goes through the codecs alone, which must read back what they
/// write.
/// </summary>
public sealed class ArpFuzzTarget : IFuzzTarget
{
    private const int MostFrames = 4_096;
    private const int MostWakeUps = 64;

    private static readonly MacAddress[] Macs = [new(0x020000000001), new(0x020000000002)];

    private readonly byte[] _buffer = new byte[64];
    private LinkNode _node = new(new LinkNodeOptions(), 1);
    private Instant _now;
    private int _sentFrames;

    /// <inheritdoc/>
    public ReadOnlySpan<string> Vocabulary => [];

    /// <inheritdoc/>
    public byte[] Sample(SeededRandom random)
    {
        var events = new List<byte> { 6, 3, 4, (byte)random.Next(8) };
        for (var i = random.Next(6); i >= 0; i--)
        {
            var frame = new byte[EthernetHeader.MinimumFrameBytes];
            var packet = new ArpPacket(
                random.Chance(0.8) ? ArpOperation.Request : ArpOperation.Reply, new(0x02AA00000000UL + (ulong)random.Next(4)),
                AddressOf((byte)random.Next(256)), Macs[0], AddressOf((byte)random.Next(8)));
            packet.WriteFrame(frame, random.Chance(0.5) ? MacAddress.Broadcast : Macs[random.Next(2)]);
            events.AddRange([0, (byte)frame.Length, .. frame, (byte)(4 + random.Next(4)), (byte)random.Next(256)]);
        }
        return [.. events];
    }

    /// <inheritdoc/>
    public long AllocationLimit(int inputBytes) => 32_768 + 2_048L * inputBytes;

    /// <inheritdoc/>
    public string? Try(ReadOnlyMemory<byte> input)
    {
        (_node, _now, _sentFrames) = (new(new LinkNodeOptions(), 7), Instant.FromSeconds(1), 0);
        var at = 0;
        while (at + 1 < input.Length)
        {
            var (kind, argument) = (input.Span[at] & 7, input.Span[at + 1]);
            at += 2;
            if (kind < 4)
            {
                var length = Math.Min(argument, input.Length - at);
                if (TryFrame(input.Slice(at, length), 1 + kind % 2) is { } fault)
                    return fault;
                at += length;
            }
            else if (TryEvent(kind, argument) is { } fault)
                return fault;
        }
        return null;
    }

    private string? TryFrame(ReadOnlyMemory<byte> frame, int link)
    {
        if (EthernetHeader.TryRead(frame.Span, out _, out var payload) && ArpPacket.TryRead(payload, out var packet))
        {
            var writer = new ByteWriter(_buffer);
            packet.Write(ref writer);
            if (!ArpPacket.TryRead(_buffer.AsSpan(0, writer.WrittenBytes), out var again) || again != packet)
                return $"{packet} was written and read back as {again}";
        }
        _node.Handle(LinkInput.FrameReceived(link, frame), _now);
        return Drain();
    }

    private string? TryEvent(int kind, byte argument)
    {
        switch (kind)
        {
            case 4:
                string[]? interfaces = (argument & 16) != 0 ? ["eth1"] : null;
                _node.Handle(LinkInput.CommandReceived(new LinkCommand.AnnounceService(
                    new("ns", $"svc-{argument >> 6}"), [new(AddressOf((byte)(argument & 7)), interfaces)])), _now);
                break;
            case 5:
                _node.Handle(LinkInput.CommandReceived(new LinkCommand.RetractService(new("ns", $"svc-{argument >> 6}"))), _now);
                break;
            case 6:
                _node.Handle(LinkInput.LinksChanged(Links(argument)), _now);
                break;
            default:
                return TryTime(TimeSpan.FromMilliseconds(50 * argument));
        }
        return Drain();
    }

    private string? TryTime(TimeSpan span)
    {
        var end = _now + span;
        for (var i = 0; _node.NextDeadline is { } due && due <= end; i++)
        {
            if (i > MostWakeUps * 64)
                return $"still wants to be woken at {due} after {i} times";
            _now = due > _now ? due : _now;
            _node.Advance(_now);
            if (Drain() is { } fault)
                return fault;
        }
        _now = end;
        _node.Advance(_now);
        return Drain();
    }

    private string? Drain()
    {
        while (_node.TryTake(out var output))
        {
            if (output.Kind != LinkOutputKind.SendFrame)
                continue;
            if (++_sentFrames > MostFrames)
                return $"sent more than {MostFrames} frames";
            if (!EthernetHeader.TryRead(output.Frame.Span, out var header, out var payload) || !ArpPacket.TryRead(payload, out var packet))
                return $"sent {Convert.ToHexString(output.Frame.Span)}, which is not ARP";
            if (header.Source != packet.SenderMac || !_node.Snapshot.Addresses.ContainsKey(packet.SenderAddress))
                return $"sent {packet} from {header.Source}, which it does not own";
        }
        return null;
    }

    private static List<LinkState> Links(byte argument)
    {
        var links = new List<LinkState>();
        for (var i = 0; i < 2; i++)
        {
            if ((argument >> i & 1) == 0)
                continue;
            links.Add(new(i + 1, $"eth{i}", Macs[i])
            {
                IsUp = (argument >> 2 & 1) == 0,
                HasCarrier = (argument >> (3 + i) & 1) == 0,
                IsBroadcast = true,
                IsEnslaved = (argument >> 6 & 1) != 0,
                MtuBytes = 1500,
            });
        }
        return links;
    }

    private static IpAddress AddressOf(byte number) => IpAddress.V4(0x0A140000U + number);
}
