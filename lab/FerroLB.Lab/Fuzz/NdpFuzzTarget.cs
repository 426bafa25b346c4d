using System;
using System.Buffers.Binary;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// Ethernet and IPv6 octets for the link loop, which announces two addresses. The first octet of an input says on which interface the
/// frame arrives and whether its checksum is mended first, without which mutations would hardly ever get past it. What was read must be
/// read again from what is written, and every frame sent must be an advertisement of an announced address.
/// </summary>
public sealed class NdpFuzzTarget : IFuzzTarget
{
    private const int Ipv6HeaderBytes = 40;

    private static readonly IpAddress Everywhere = IpAddress.Parse("2001:db8::10");
    private static readonly IpAddress OnEth1 = IpAddress.Parse("2001:db8::20");

    private readonly byte[] _written = new byte[NdpPacket.FrameBytes];
    private readonly LinkNode _node = new(new LinkNodeOptions { GratuitousInterval = TimeSpan.Zero }, 1);
    private bool _isPrepared;

    /// <inheritdoc/>
    public ReadOnlySpan<string> Vocabulary => [];

    /// <inheritdoc/>
    public byte[] Sample(SeededRandom random)
    {
        var target = random.Chance(0.5) ? Everywhere : OnEth1;
        var packet = new NdpPacket(
            random.Chance(0.8) ? NdpType.Solicitation : NdpType.Advertisement,
            random.Chance(0.2) ? IpAddress.V6(0) : IpAddress.Parse("2001:db8::1"),
            random.Chance(0.7) ? NdpGroup.SolicitedNode(target) : target,
            target)
        {
            LinkLayerAddress = new(0x0200000000c1),
        };
        var frame = new byte[NdpPacket.FrameBytes];
        packet.WriteFrame(frame, random.Chance(0.7) ? NdpGroup.MacOf(packet.Destination) : MacOf(random.Next(2)), new(0x0200000000c1));
        return [(byte)random.Next(4), .. frame];
    }

    /// <inheritdoc/>
    public long AllocationLimit(int inputBytes) => 65_536 + 16L * inputBytes;

    /// <inheritdoc/>
    public string? Try(ReadOnlyMemory<byte> input)
    {
        Prepare();
        if (input.IsEmpty)
            return null;
        var frame = input[1..].ToArray();
        if ((input.Span[0] & 2) != 0)
            MendChecksum(frame);
        if (EthernetHeader.TryRead(frame, out _, out var payload) && NdpPacket.TryRead(payload, out var packet) == NdpReading.Read &&
            ReadAgain(packet) is { } fault)
            return fault;
        _node.Handle(LinkInput.FrameReceived(1 + (input.Span[0] & 1), frame), Instant.FromSeconds(100));
        return Drain();
    }

    private static MacAddress MacOf(int link) => new(0x020000000001UL + (ulong)link);

    private static void MendChecksum(byte[] frame)
    {
        if (frame.Length < EthernetHeader.SizeBytes + Ipv6HeaderBytes + 8)
            return;
        var packet = frame.AsSpan(EthernetHeader.SizeBytes);
        var message = packet[Ipv6HeaderBytes..];
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)message.Length);
        Span<byte> pseudo = stackalloc byte[Ipv6HeaderBytes];
        packet[8..40].CopyTo(pseudo);
        BinaryPrimitives.WriteUInt64BigEndian(pseudo[32..], (ulong)message.Length << 32 | 58);
        message[2] = message[3] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], Checksum.Finish(Checksum.Add(Checksum.Add(0, pseudo), message)));
    }

    private void Prepare()
    {
        if (_isPrepared)
            return;
        _isPrepared = true;
        var now = Instant.FromSeconds(1);
        _node.Handle(LinkInput.LinksChanged([Link(0), Link(1)]), now);
        AddressWish[] wishes = [new(Everywhere, null), new(OnEth1, ["eth1"])];
        _node.Handle(LinkInput.CommandReceived(new LinkCommand.AnnounceService(new("ns", "web"), wishes)), now);
        _node.Advance(Instant.FromSeconds(100));
        _ = Drain();
    }

    private static LinkState Link(int index) => new(index + 1, $"eth{index}", MacOf(index))
    {
        IsUp = true,
        HasCarrier = true,
        IsBroadcast = true,
        Addresses = [new(IpAddress.Parse($"fe80::{index + 1}"), 64)],
    };

    private string? ReadAgain(in NdpPacket packet)
    {
        packet.WriteFrame(_written, NdpGroup.MacOf(NdpGroup.AllNodes), MacOf(0));
        _ = NdpPacket.TryRead(_written.AsSpan(EthernetHeader.SizeBytes), out var again);
        var expected = packet with { HopLimit = 255, LinkLayerAddress = packet.LinkLayerAddress ?? MacAddress.Zero };
        return again == expected ? null : $"{expected} was written and read back as {again}";
    }

    private string? Drain()
    {
        while (_node.TryTake(out var output))
        {
            if (output.Kind != LinkOutputKind.SendFrame)
                continue;
            if (!EthernetHeader.TryRead(output.Frame.Span, out var header, out var payload) ||
                NdpPacket.TryRead(payload, out var packet) != NdpReading.Read)
                return $"sent {Convert.ToHexString(output.Frame.Span)}, which is no neighbour discovery";
            var isOwned = packet.Target == Everywhere || (packet.Target == OnEth1 && output.LinkIndex == 2);
            if (!isOwned || packet.Type != NdpType.Advertisement || header.Source != MacOf(output.LinkIndex - 1) ||
                packet.LinkLayerAddress != header.Source)
                return $"sent {packet} from {header.Source}, which it does not own there";
        }
        return null;
    }
}
