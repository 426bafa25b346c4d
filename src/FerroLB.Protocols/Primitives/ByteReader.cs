using System;
using System.Buffers.Binary;

namespace FerroLB.Protocols.Primitives;

/// <summary>
/// Reads network-order values from a span and never past its end: a read that does not fit returns zero and marks the reader
/// <see cref="Failed"/>, so a decoder checks once at the end instead of before every field.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether any read went past the end.</summary>
    public bool Failed { get; private set; }

    /// <summary>Octets not read yet.</summary>
    public readonly int RemainingBytes => _rest.Length;

    /// <summary>The octets not read yet, without consuming them.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Reads one octet.</summary>
    public byte ReadByte() => Take(1, out var b) ? b[0] : (byte)0;

    /// <summary>Reads 16 bits.</summary>
    public ushort ReadUInt16() => Take(2, out var b) ? BinaryPrimitives.ReadUInt16BigEndian(b) : (ushort)0;

    /// <summary>Reads 32 bits.</summary>
    public uint ReadUInt32() => Take(4, out var b) ? BinaryPrimitives.ReadUInt32BigEndian(b) : 0;

    /// <summary>Reads 64 bits.</summary>
    public ulong ReadUInt64() => Take(8, out var b) ? BinaryPrimitives.ReadUInt64BigEndian(b) : 0;

    /// <summary>Reads a hardware address.</summary>
    public MacAddress ReadMac() => Take(MacAddress.SizeBytes, out var b) ? MacAddress.Read(b) : default;

    /// <summary>Reads four octets as an address.</summary>
    public IpAddress ReadIPv4() => Take(4, out var b) ? IpAddress.Read(b) : default;

    /// <summary>Reads sixteen octets as an address.</summary>
    public IpAddress ReadIPv6() => Take(16, out var b) ? IpAddress.Read(b) : default;

    /// <summary>Reads a run of octets; empty when it does not fit.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count) => Take(count, out var b) ? b : default;

    private bool Take(int count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (Failed || count < 0 || count > _rest.Length)
        {
            Failed = true;
            return false;
        }
        taken = _rest[..count];
        _rest = _rest[count..];
        return true;
    }
}
