using System;
using System.Buffers.Binary;

namespace FerroLB.Protocols.Primitives;

/// <summary>Writes network-order values into a span that the caller sized; running past its end is a programming error and
/// throws.</summary>
public ref struct ByteWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Octets written so far.</summary>
    public int WrittenBytes { get; private set; }

    /// <summary>Writes one octet.</summary>
    public void WriteByte(byte value) => Next(1)[0] = value;

    /// <summary>Writes 16 bits.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Next(2), value);

    /// <summary>Writes 32 bits.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Next(4), value);

    /// <summary>Writes 64 bits.</summary>
    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Next(8), value);

    /// <summary>Writes a hardware address.</summary>
    public void WriteMac(MacAddress value) => value.Write(Next(MacAddress.SizeBytes));

    /// <summary>Writes an address in 4 or 16 octets.</summary>
    public void WriteIp(IpAddress value) => value.Write(Next(value.SizeBytes));

    /// <summary>Writes a run of octets.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value) => value.CopyTo(Next(value.Length));

    private Span<byte> Next(int count)
    {
        var span = _buffer.Slice(WrittenBytes, count);
        WrittenBytes += count;
        return span;
    }
}
