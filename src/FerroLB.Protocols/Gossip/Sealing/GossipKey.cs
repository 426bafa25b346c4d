using System;
using System.Security.Cryptography;

namespace FerroLB.Protocols.Gossip.Sealing;

/// <summary>A key of AES in Galois counter mode. It never shows its octets.</summary>
public sealed class GossipKey : IDisposable
{
    /// <summary>Octets of a tag.</summary>
    internal const int TagBytes = 16;

    private const int LongestBytes = 32;

    private readonly AesGcm _cipher;

    /// <summary>Makes a key of 16, 24 or 32 octets; any other length is a programming error.</summary>
    public GossipKey(ReadOnlySpan<byte> key) => _cipher = new(key, TagBytes);

    /// <summary>
    /// Makes the key that MetalLB's speakers make of the content of their Secret: the content, followed by the SHA-256 digest of nothing,
    /// cut to 32 octets.
    /// </summary>
    public static GossipKey FromSecret(ReadOnlySpan<byte> secret) => new(DeriveBytes(secret));

    /// <summary>Whether a key may have this many octets.</summary>
    public static bool IsLength(int bytes) => bytes is 16 or 24 or LongestBytes;

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    /// <inheritdoc/>
    public override string ToString() => "(a key)";

    internal static byte[] DeriveBytes(ReadOnlySpan<byte> secret)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([], digest);
        var key = new byte[LongestBytes];
        var used = Math.Min(secret.Length, LongestBytes);
        secret[..used].CopyTo(key);
        digest[..(LongestBytes - used)].CopyTo(key.AsSpan(used));
        return key;
    }

    internal void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> cipher, Span<byte> tag, ReadOnlySpan<byte> bound) =>
        _cipher.Encrypt(nonce, plain, cipher, tag, bound);

    internal bool TryDecrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> bound)
    {
        try
        {
            _cipher.Decrypt(nonce, cipher, tag, plain, bound);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
