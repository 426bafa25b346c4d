using System;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>
/// What a member speaks: the range of versions it understands and the one it uses, of memberlist's protocol and of the program above it.
/// </summary>
/// <param name="ProtocolMin">Least version of the protocol that it understands; not 0.</param>
/// <param name="ProtocolMax">Greatest version that it understands. From 3 on it answers pings on streams, from 4 on it sends nacks, from 5
/// on it checks checksums.</param>
/// <param name="ProtocolCurrent">The version that it uses.</param>
/// <param name="DelegateMin">The same three of the program above; all 0 when it has none.</param>
/// <param name="DelegateMax">Greatest version of the program.</param>
/// <param name="DelegateCurrent">The program's version in use.</param>
public readonly record struct GossipVersions(
    byte ProtocolMin, byte ProtocolMax, byte ProtocolCurrent, byte DelegateMin, byte DelegateMax, byte DelegateCurrent)
{
    /// <summary>Octets on the wire.</summary>
    public const int SizeBytes = 6;

    /// <summary>As MetalLB's speakers state them: 1 to 5, using 2; no program above.</summary>
    public static readonly GossipVersions Default = new(1, 5, 2, 0, 0, 0);

    /// <summary>Reads the versions of an alive message or of a state; an absent list means that all are 0.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out GossipVersions versions)
    {
        versions = bytes.Length == SizeBytes ? new(bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]) : default;
        return bytes.Length is 0 or SizeBytes;
    }

    /// <summary>The versions as messages carry them.</summary>
    public byte[] ToBytes() => [ProtocolMin, ProtocolMax, ProtocolCurrent, DelegateMin, DelegateMax, DelegateCurrent];
}
