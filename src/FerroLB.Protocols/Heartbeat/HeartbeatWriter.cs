using System;
using System.Buffers.Binary;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>Writes a heartbeat into a buffer of <see cref="HeartbeatPacket.MostBytes"/>: the head first, then as many entries as
/// fit.</summary>
public ref struct HeartbeatWriter
{
    private readonly Span<byte> _buffer;

    /// <summary>Writes the head.</summary>
    /// <param name="buffer">Where to; at least <see cref="HeartbeatPacket.MostBytes"/> octets.</param>
    /// <param name="flags">What the sender says about itself.</param>
    /// <param name="incarnation">The sender's incarnation.</param>
    /// <param name="sequence">The number of this heartbeat.</param>
    /// <param name="intervalMicroseconds">Within how many microseconds the next one follows.</param>
    /// <param name="name">The sender's name.</param>
    public HeartbeatWriter(
        Span<byte> buffer, HeartbeatFlags flags, ulong incarnation, ulong sequence, uint intervalMicroseconds, ReadOnlySpan<byte> name)
    {
        _buffer = buffer;
        var writer = new ByteWriter(buffer);
        writer.WriteByte(HeartbeatPacket.CurrentVersion);
        writer.WriteByte((byte)flags);
        writer.WriteByte((byte)name.Length);
        writer.WriteByte(0);
        writer.WriteUInt64(incarnation);
        writer.WriteUInt64(sequence);
        writer.WriteUInt32(intervalMicroseconds);
        writer.WriteBytes(name);
        WrittenBytes = writer.WrittenBytes;
    }

    /// <summary>Octets written so far.</summary>
    public int WrittenBytes { get; private set; }

    /// <summary>Adds an entry; false when it does not fit any more.</summary>
    public bool TryAdd(HeartbeatEntryKind kind, ulong incarnation, uint ageMicroseconds, ReadOnlySpan<byte> name)
    {
        var bytes = HeartbeatPacket.EntryBytes + name.Length;
        if (_buffer[3] == HeartbeatPacket.MostEntries || WrittenBytes + bytes > HeartbeatPacket.MostBytes)
            return false;
        var entry = _buffer.Slice(WrittenBytes, bytes);
        entry[0] = (byte)kind;
        entry[1] = (byte)name.Length;
        BinaryPrimitives.WriteUInt64BigEndian(entry[2..], incarnation);
        BinaryPrimitives.WriteUInt32BigEndian(entry[10..], ageMicroseconds);
        name.CopyTo(entry[HeartbeatPacket.EntryBytes..]);
        WrittenBytes += bytes;
        _buffer[3]++;
        return true;
    }
}
