using System;
using System.Buffers;
using System.Buffers.Binary;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>Writes MessagePack as memberlist's default encoder does: numbers in their shortest form, text and octets as old raw
/// values.</summary>
internal sealed class MsgpackWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public int WrittenBytes => _buffer.WrittenCount;

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void WriteByte(byte value) => _buffer.Write([value]);

    public void WriteBytes(ReadOnlySpan<byte> value) => _buffer.Write(value);

    public void WriteMapHeader(int pairs)
    {
        if (pairs > 0x0F)
            throw new ArgumentOutOfRangeException(nameof(pairs), "no message has more than 15 fields");
        WriteByte((byte)(0x80 | pairs));
    }

    public void WriteName(ReadOnlySpan<byte> name) => WriteRaw(name);

    public void WriteRaw(ReadOnlySpan<byte> value)
    {
        if (value.Length < 32)
            WriteByte((byte)(0xA0 | value.Length));
        else if (value.Length <= ushort.MaxValue)
            WriteUInt16(0xDA, (ushort)value.Length);
        else
            WriteUInt32(0xDB, (uint)value.Length);
        WriteBytes(value);
    }

    /// <summary>Octets where none at all is nil, as the encoder writes an absent slice.</summary>
    public void WriteRawOrNil(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            WriteByte(0xC0);
        else
            WriteRaw(value);
    }

    public void WriteBoolean(bool value) => WriteByte((byte)(value ? 0xC3 : 0xC2));

    public void WriteNumber(uint value)
    {
        if (value < 0x80)
            WriteByte((byte)value);
        else if (value <= byte.MaxValue)
            WriteBytes([0xCC, (byte)value]);
        else if (value <= ushort.MaxValue)
            WriteUInt16(0xCD, (ushort)value);
        else
            WriteUInt32(0xCE, value);
    }

    private void WriteUInt16(byte code, ushort value)
    {
        Span<byte> bytes = [code, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(bytes[1..], value);
        WriteBytes(bytes);
    }

    private void WriteUInt32(byte code, uint value)
    {
        Span<byte> bytes = [code, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(bytes[1..], value);
        WriteBytes(bytes);
    }
}
