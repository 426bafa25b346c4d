using System;
using System.Security.Cryptography;
using System.Text;

namespace FerroLB.Protocols.Primitives;

/// <summary>
/// Hashes that are the same in every process, on every machine and in every version: for choices that a whole cluster must agree on, and
/// for the lab's trace. Published vectors pin them.
/// </summary>
public static class StableHash
{
    /// <summary>SHA-256 (FIPS 180-4) of the UTF-8 bytes of the text, 32 octets.</summary>
    public static byte[] Sha256(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>64-bit FNV-1a over bytes, continuing from an earlier value; quick and stable, not for secrecy.</summary>
    public static ulong Fnv1a64(ReadOnlySpan<byte> bytes, ulong seed = 0xCBF29CE484222325)
    {
        var hash = seed;
        foreach (var b in bytes)
            hash = unchecked((hash ^ b) * 0x100000001B3);
        return hash;
    }
}
