using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bfd;

/// <summary>
/// An echo packet of ours (RFC 5880, 5). Its content is the sender's own affair: ours starts as FRR's do, names the session, and has a
/// key that only somebody who saw the session's packets can know.
/// </summary>
/// <param name="Discriminator">Our number of the session.</param>
/// <param name="Key">Drawn once for the session.</param>
public readonly record struct BfdEcho(uint Discriminator, ulong Key)
{
    /// <summary>Octets on the wire.</summary>
    public const int SizeBytes = 24;

    private const byte Version = 1;

    /// <summary>Reads a packet; false when it cannot be one of ours.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BfdEcho echo)
    {
        var reader = new ByteReader(bytes);
        var version = reader.ReadByte();
        var length = reader.ReadByte();
        reader.ReadUInt16();
        echo = new(reader.ReadUInt32(), reader.ReadUInt64());
        return !reader.Failed && version == Version && length == SizeBytes && bytes.Length == SizeBytes;
    }

    /// <summary>Writes the packet.</summary>
    public void Write(ref ByteWriter writer)
    {
        writer.WriteByte(Version);
        writer.WriteByte(SizeBytes);
        writer.WriteUInt16(0);
        writer.WriteUInt32(Discriminator);
        writer.WriteUInt64(Key);
        writer.WriteUInt64(0);
    }
}
