using System;

namespace FerroLB.Protocols.Primitives;

/// <summary>The Internet checksum (RFC 1071).</summary>
public static class Checksum
{
    /// <summary>Adds octets to a running sum; only the last piece may have an odd length. Start with 0.</summary>
    public static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        ulong wide = sum;
        var i = 0;
        for (; i + 1 < bytes.Length; i += 2)
            wide += (uint)(bytes[i] << 8 | bytes[i + 1]);
        if (i < bytes.Length)
            wide += (uint)(bytes[i] << 8);
        while (wide > uint.MaxValue)
            wide = (wide & uint.MaxValue) + (wide >> 32);
        return (uint)wide;
    }

    /// <summary>Folds the sum into 16 bits and complements it.</summary>
    public static ushort Finish(uint sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)(~sum & 0xFFFF);
    }
}
