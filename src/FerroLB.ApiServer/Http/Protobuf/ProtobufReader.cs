using System;
using System.Buffers.Binary;
using System.IO;

namespace FerroLB.ApiServer.Http.Protobuf;

/// <summary>Reads the fields of one protocol buffer message in their order.</summary>
internal ref struct ProtobufReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the first field.</summary>
    public ProtobufReader(ReadOnlySpan<byte> message)
    {
        _rest = message;
        Bytes = default;
    }

    /// <summary>The number of the field that was read last.</summary>
    public int Number { get; private set; }

    /// <summary>Its value, when it is a varint or fixed.</summary>
    public long Value { get; private set; }

    /// <summary>Its content, when it is length-delimited.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a message.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
            return false;
        ulong tag = Varint();
        Number = (int)(tag >> 3 & 0x1fff_ffff);
        Value = 0;
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Value = unchecked((long)Varint());
                break;
            case 1:
                Value = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Value = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                break;
            default:
                throw new InvalidDataException("unknown wire type in a protobuf message");
        }
        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int index = 0; index < _rest.Length && index < 10; index++)
        {
            value |= unchecked((ulong)(_rest[index] & 0x7f) << (7 * index));
            if (_rest[index] < 0x80)
            {
                _rest = _rest[(index + 1)..];
                return value;
            }
        }
        throw new InvalidDataException("a protobuf message ends within a number");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
            throw new InvalidDataException("a protobuf message is shorter than it says");
        ReadOnlySpan<byte> taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
