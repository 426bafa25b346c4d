using System;
using System.Security.Cryptography;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>
/// Signs heartbeats and verifies signatures. A datagram begins with one octet, 0 for unsigned and 1 for signed; then follows the heartbeat,
/// and when signed the first 16 octets of the HMAC-SHA-256 (RFC 2104) of all before it. With a key only what is signed by it is taken,
/// without one only what is unsigned. The key is derived from the speakers' common secret, so that no key serves two ciphers. It never
/// shows its octets; the shell that holds it calls this, and the machine sees neither key nor signature.
/// </summary>
public sealed class HeartbeatSeal
{
    /// <summary>Octets by which a datagram is longer than its heartbeat, at most.</summary>
    public const int MostOverheadBytes = 1 + TagBytes;

    private const int TagBytes = 16;
    private const byte Unsigned = 0;
    private const byte Signed = 1;

    /// <summary>For speakers without a common secret.</summary>
    public static readonly HeartbeatSeal None = new([]);

    private readonly byte[] _key;

    private HeartbeatSeal(byte[] key) => _key = key;

    /// <summary>Whether heartbeats are signed.</summary>
    public bool Signs => _key.Length > 0;

    /// <summary>Makes the seal of speakers that share a secret; of an empty one, <see cref="None"/>.</summary>
    public static HeartbeatSeal FromSecret(ReadOnlySpan<byte> secret) =>
        secret.IsEmpty ? None : new(HMACSHA256.HashData(secret, "ferrolb heartbeat 1"u8));

    /// <summary>Writes a heartbeat as a datagram; returns its length. Allocates nothing.</summary>
    /// <param name="heartbeat">The heartbeat.</param>
    /// <param name="datagram">Where to; <see cref="MostOverheadBytes"/> octets longer than the heartbeat.</param>
    public int Close(ReadOnlySpan<byte> heartbeat, Span<byte> datagram)
    {
        datagram[0] = Signs ? Signed : Unsigned;
        heartbeat.CopyTo(datagram[1..]);
        var length = 1 + heartbeat.Length;
        if (!Signs)
            return length;
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, datagram[..length], digest);
        digest[..TagBytes].CopyTo(datagram[length..]);
        return length + TagBytes;
    }

    /// <summary>Takes the signature off a datagram; <paramref name="heartbeatBytes"/> octets from the second on are the heartbeat when
    /// nothing is returned against it. Allocates nothing.</summary>
    public HeartbeatRefusal Open(ReadOnlySpan<byte> datagram, out int heartbeatBytes)
    {
        heartbeatBytes = 0;
        if (datagram.IsEmpty)
            return HeartbeatRefusal.Malformed;
        if (datagram.Length > HeartbeatPacket.MostBytes + MostOverheadBytes)
            return HeartbeatRefusal.TooLong;
        if (datagram[0] != (Signs ? Signed : Unsigned))
            return datagram[0] > Signed ? HeartbeatRefusal.Malformed : HeartbeatRefusal.Signature;
        heartbeatBytes = datagram.Length - 1;
        if (!Signs)
            return HeartbeatRefusal.None;
        heartbeatBytes -= TagBytes;
        if (heartbeatBytes < 0)
            return HeartbeatRefusal.Malformed;
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, datagram[..^TagBytes], digest);
        return CryptographicOperations.FixedTimeEquals(digest[..TagBytes], datagram[^TagBytes..])
            ? HeartbeatRefusal.None
            : HeartbeatRefusal.Signature;
    }

    /// <inheritdoc/>
    public override string ToString() => Signs ? "(a key)" : "(no key)";
}
