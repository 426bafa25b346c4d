using System;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>An optional attribute that is not understood.</summary>
/// <param name="Flags">Its flags; of them 0x40 says that it is to be passed on.</param>
/// <param name="Type">Its type octet.</param>
/// <param name="Value">Its octets.</param>
public readonly record struct BgpUnknownAttribute(byte Flags, byte Type, ReadOnlyMemory<byte> Value)
{
    /// <summary>The same flags, type and octets.</summary>
    public bool Equals(BgpUnknownAttribute other) =>
        Flags == other.Flags && Type == other.Type && Value.Span.SequenceEqual(other.Value.Span);

    /// <summary>The same in every process.</summary>
    public override int GetHashCode() => Flags << 24 | Type << 16 | (Value.Length & 0xFFFF);
}
