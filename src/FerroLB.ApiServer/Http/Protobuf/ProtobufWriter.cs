using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FerroLB.ApiServer.Http.Protobuf;

/// <summary>
/// Writes the protocol buffers wire format: tag, then varint, fixed 64 bits, or length-delimited bytes. As in proto3, values that equal the
/// default ("" , 0, false) are left out, except where the caller says that presence matters.
/// </summary>
public sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>Writes a string; "" and null are left out.</summary>
    public void String(int field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            Bytes(field, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Writes one element of a repeated string, or a member of a oneof: "" is written as well.</summary>
    public void Element(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Writes a bool; false is left out.</summary>
    public void Bool(int field, bool value)
    {
        if (value)
            Number(field, 1);
    }

    /// <summary>Writes an int64; 0 is left out.</summary>
    public void Number(int field, long value)
    {
        if (value != 0)
            PresentNumber(field, value);
    }

    /// <summary>Writes an int64 whose presence matters, 0 included.</summary>
    public void PresentNumber(int field, long value)
    {
        Tag(field, Varint);
        Raw(unchecked((ulong)value));
    }

    /// <summary>Writes a double; 0 is left out.</summary>
    public void Double(int field, double value)
    {
        if (value == 0)
            return;
        Tag(field, Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>Writes a nested message, also an empty one.</summary>
    public void Message(int field, Action<ProtobufWriter> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var nested = new ProtobufWriter();
        content(nested);
        Bytes(field, nested.Written);
    }

    private void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Tag(field, LengthDelimited);
        Raw((ulong)bytes.Length);
        _buffer.Write(bytes);
    }

    private void Tag(int field, int wireType) => Raw((ulong)((field << 3) | wireType));

    private void Raw(ulong value)
    {
        Span<byte> span = _buffer.GetSpan(10);
        int length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value & 0x7f | 0x80);
            value >>= 7;
        }
        span[length++] = (byte)value;
        _buffer.Advance(length);
    }
}
