using System;
using System.Collections.Generic;

namespace FerroLB.Protocols.Gossip.Sealing;

/// <summary>
/// memberlist's sealed form: a version octet, a nonce of 12 octets, the message under AES in Galois counter mode, a tag of 16. Version 0
/// pads the message to blocks of 16 (PKCS 7), version 1 does not.
/// </summary>
public static class GossipSeal
{
    /// <summary>Octets of a nonce; it must never be used twice with one key.</summary>
    public const int NonceBytes = 12;

    /// <summary>The version without padding, which every memberlist but the very first writes.</summary>
    public const byte CurrentVersion = 1;

    private const int VersionBytes = 1;
    private const int BlockBytes = 16;

    /// <summary>How many octets longer the sealed form may be.</summary>
    public static int MostOverheadBytes(byte version) => SealedBytes(version, 0);

    /// <summary>The length of the sealed form.</summary>
    public static int SealedBytes(byte version, int plainBytes) =>
        VersionBytes + NonceBytes + PaddedBytes(version, plainBytes) + GossipKey.TagBytes;

    /// <summary>Seals a message. What is bound to it must be the same when it is opened.</summary>
    public static byte[] Seal(GossipKey key, byte version, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> bound)
    {
        var length = PaddedBytes(version, plain.Length);
        var padded = new byte[length];
        plain.CopyTo(padded);
        padded.AsSpan(plain.Length).Fill((byte)(length - plain.Length));
        var message = new byte[SealedBytes(version, plain.Length)];
        message[0] = version;
        nonce.CopyTo(message.AsSpan(VersionBytes, NonceBytes));
        var cipher = message.AsSpan(VersionBytes + NonceBytes, length);
        key.Encrypt(nonce, padded, cipher, message.AsSpan(VersionBytes + NonceBytes + length), bound);
        return message;
    }

    /// <summary>Opens a sealed message with the first key that fits; null when none does.</summary>
    public static byte[]? Open(IReadOnlyList<GossipKey> keys, ReadOnlySpan<byte> message, ReadOnlySpan<byte> bound)
    {
        if (message.IsEmpty || message[0] > CurrentVersion || message.Length < SealedBytes(message[0], 0))
            return null;
        var nonce = message.Slice(VersionBytes, NonceBytes);
        var cipher = message[(VersionBytes + NonceBytes)..^GossipKey.TagBytes];
        var plain = new byte[cipher.Length];
        foreach (var key in keys)
        {
            if (key.TryDecrypt(nonce, cipher, message[^GossipKey.TagBytes..], plain, bound))
                return message[0] == 0 ? WithoutPadding(plain) : plain;
        }
        return null;
    }

    private static int PaddedBytes(byte version, int plainBytes) =>
        version == 0 ? plainBytes + BlockBytes - plainBytes % BlockBytes : plainBytes;

    private static byte[]? WithoutPadding(byte[] plain) =>
        plain is [.., var padding] && padding is > 0 and <= BlockBytes && padding <= plain.Length ? plain[..^padding] : null;
}
