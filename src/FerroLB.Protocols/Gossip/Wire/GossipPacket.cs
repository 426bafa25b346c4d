using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>
/// What one datagram carries, once its label and seal are off: a message, perhaps behind a checksum, perhaps compressed, perhaps a
/// compound of several. Reading is bounded: 4 levels, 512 messages, 256 KiB unpacked.
/// </summary>
public static class GossipPacket
{
    /// <summary>Octets that a compound costs, without its parts.</summary>
    public const int CompoundHeaderBytes = 2;

    /// <summary>Octets that each part of a compound costs beside itself.</summary>
    public const int CompoundPartBytes = 2;

    /// <summary>Octets of a checksum in front of a message.</summary>
    public const int CrcBytes = 5;

    /// <summary>Most parts of a compound: older memberlists misread more.</summary>
    public const int MostParts = 127;

    private const int MostLevels = 4;
    private const int MostMessages = 512;
    private const int MostUnpackedBytes = 256 * 1024;

    /// <summary>Packs messages: a compound if there are several, compressed if that is wanted and pays, with a checksum if that is
    /// wanted.</summary>
    public static byte[] Pack(IReadOnlyList<byte[]> messages, bool compresses, bool hasChecksum)
    {
        var packet = messages.Count == 1 ? messages[0] : Compound(messages);
        if (compresses && Compressed(packet) is var compressed && compressed.Length < packet.Length)
            packet = compressed;
        return hasChecksum ? WithChecksum(packet) : packet;
    }

    /// <summary>Reads every message of a packet, in order; how many parts of it made no sense.</summary>
    public static int Unpack(ReadOnlySpan<byte> packet, List<GossipMessage> messages)
    {
        if (packet.IsEmpty)
            return 1;
        if (packet[0] == (byte)GossipMessageType.HasCrc && packet.Length > CrcBytes)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(packet[1..]) != Crc32.Of(packet[CrcBytes..]))
                return 1;
            packet = packet[CrcBytes..];
        }
        var budget = MostUnpackedBytes;
        return Unpack(packet, messages, 0, ref budget);
    }

    /// <summary>Wraps a message in a compressed one, whether that is shorter or not.</summary>
    internal static byte[] Compressed(ReadOnlySpan<byte> message)
    {
        var writer = new MsgpackWriter();
        writer.WriteByte((byte)GossipMessageType.Compress);
        writer.WriteMapHeader(2);
        GossipCodec.WriteNumber(writer, "Algo"u8, 0);
        writer.WriteName("Buf"u8);
        writer.WriteRaw(Lzw.Compress(message));
        return writer.ToArray();
    }

    private static int Unpack(ReadOnlySpan<byte> packet, List<GossipMessage> messages, int level, ref int budget)
    {
        if (packet.IsEmpty || level == MostLevels || messages.Count >= MostMessages)
            return 1;
        var type = (GossipMessageType)packet[0];
        var body = packet[1..];
        switch (type)
        {
            case GossipMessageType.Compound:
                return UnpackCompound(body, messages, level, ref budget);
            case GossipMessageType.Compress:
                var unpacked = Decompress(body, budget);
                if (unpacked is null)
                    return 1;
                budget -= unpacked.Length;
                return Unpack(unpacked, messages, level + 1, ref budget);
            case GossipMessageType.Error:
                return 1;
            default:
                if (GossipCodec.Decode(type, body) is not { } message)
                    return 1;
                messages.Add(message);
                return 0;
        }
    }

    private static int UnpackCompound(ReadOnlySpan<byte> body, List<GossipMessage> messages, int level, ref int budget)
    {
        if (body.IsEmpty || body.Length < 1 + CompoundPartBytes * body[0])
            return 1;
        int parts = body[0], refused = 0;
        var lengths = body.Slice(1, CompoundPartBytes * parts);
        var rest = body[(1 + lengths.Length)..];
        for (var i = 0; i < parts; i++)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(lengths[(CompoundPartBytes * i)..]);
            if (length > rest.Length)
                return refused + parts - i;
            refused += Unpack(rest[..length], messages, level + 1, ref budget);
            rest = rest[length..];
        }
        return refused;
    }

    private static byte[]? Decompress(ReadOnlySpan<byte> body, int mostBytes)
    {
        var reader = new MsgpackReader(body);
        var fields = GossipFields.Read(ref reader);
        return reader.IsOk && fields.Algo == 0 ? Lzw.Decompress(fields.Buf, mostBytes) : null;
    }

    private static byte[] Compound(IReadOnlyList<byte[]> messages)
    {
        var writer = new MsgpackWriter();
        writer.WriteBytes([(byte)GossipMessageType.Compound, (byte)messages.Count]);
        foreach (var message in messages)
            writer.WriteBytes([(byte)(message.Length >> 8), (byte)(message.Length & 0xFF)]);
        foreach (var message in messages)
            writer.WriteBytes(message);
        return writer.ToArray();
    }

    private static byte[] WithChecksum(byte[] packet)
    {
        var framed = new byte[CrcBytes + packet.Length];
        framed[0] = (byte)GossipMessageType.HasCrc;
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(1), Crc32.Of(packet));
        packet.CopyTo(framed, CrcBytes);
        return framed;
    }
}
