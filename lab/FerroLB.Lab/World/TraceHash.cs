using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.World;

/// <summary>
/// A running 64-bit hash over words: FNV-1a with 64-bit steps and a rotation, so that a simulated hour costs little. Equal runs have equal
/// hashes in every process; unequal ones differ almost surely. Not for secrecy.
/// </summary>
public struct TraceHash
{
    private ulong _value;

    /// <summary>Starts from a value, usually a seed.</summary>
    public TraceHash(ulong start) => _value = start ^ 0xCBF29CE484222325;

    /// <summary>The hash so far.</summary>
    public readonly ulong Value => _value;

    /// <summary>Adds one word.</summary>
    public void Add(ulong word)
    {
        unchecked
        {
            _value = (_value ^ word) * 0x100000001B3;
            _value = _value << 29 | _value >> 35;
        }
    }

    /// <summary>Adds a number.</summary>
    public void Add(long number) => Add(unchecked((ulong)number));

    /// <summary>Adds octets and their count.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        while (bytes.Length >= 8)
        {
            Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }
        ulong rest = 0;
        foreach (var b in bytes)
            rest = rest << 8 | b;
        Add(rest);
    }

    /// <summary>Adds an address.</summary>
    public void Add(IpAddress address)
    {
        Add((ulong)address.Family);
        Add((ulong)(address.Value >> 64));
        Add((ulong)(address.Value & ulong.MaxValue));
    }

    /// <summary>Adds a text; null differs from the empty text.</summary>
    public void Add(string? text)
    {
        if (text is null)
            Add(ulong.MaxValue);
        else
            Add(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}
