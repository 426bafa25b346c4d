using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>What the sender of a heartbeat says about itself.</summary>
[Flags]
public enum HeartbeatFlags : byte
{
    /// <summary>Nothing: it is there, and owns no address on this LAN.</summary>
    None = 0,

    /// <summary>It owns addresses on this LAN, and the next heartbeat follows within the interval that it states.</summary>
    Owner = 1,

    /// <summary>It ends by itself and must be counted out at once.</summary>
    Leaving = 2,

    /// <summary>It stood still and answers for nothing until it knows what became of its addresses.</summary>
    Muted = 4,
}

/// <summary>
/// A heartbeat as it is on the wire, without its signature. All numbers are in network order:
/// <code>
/// octets  0: version (1)           1: flags             2: length of the name      3: number of entries
///         4: incarnation (8)      12: sequence number (8)
///        20: microseconds to the next heartbeat (4)    24: the sender's name
/// entry   0: kind                  1: length of the name
///         2: incarnation (8)      10: age in microseconds (4)                     14: the name
/// </code>
/// Names are 1 to 253 printable ASCII octets, as Kubernetes wants names of nodes. Reading allocates nothing; the spans show the octets
/// read.
/// </summary>
public readonly ref struct HeartbeatPacket
{
    /// <summary>The version that is written and read.</summary>
    public const byte CurrentVersion = 1;

    /// <summary>Most octets of a heartbeat without its signature; with it and all headers it fits the smallest MTU of IPv6.</summary>
    public const int MostBytes = 1180;

    /// <summary>Most entries of a heartbeat.</summary>
    public const int MostEntries = 64;

    /// <summary>Most octets of a name.</summary>
    public const int MostNameBytes = 253;

    internal const int HeaderBytes = 24;
    internal const int EntryBytes = 14;
    private const uint LeastIntervalMicroseconds = 1_000;
    private const uint MostIntervalMicroseconds = 60_000_000;

    private HeartbeatPacket(ReadOnlySpan<byte> bytes, ulong incarnation, ulong sequence, uint interval)
    {
        (Flags, EntryCount) = ((HeartbeatFlags)bytes[1], bytes[3]);
        (Incarnation, Sequence, IntervalMicroseconds) = (incarnation, sequence, interval);
        Name = bytes.Slice(HeaderBytes, bytes[2]);
        Entries = bytes[(HeaderBytes + bytes[2])..];
    }

    /// <summary>What the sender says about itself; unknown bits are kept and mean nothing.</summary>
    public HeartbeatFlags Flags { get; }

    /// <summary>Which life of the sender this is: a later one has a higher number.</summary>
    public ulong Incarnation { get; }

    /// <summary>Grows with every heartbeat of one incarnation.</summary>
    public ulong Sequence { get; }

    /// <summary>Within how many microseconds the next heartbeat follows, 1,000 to 60,000,000.</summary>
    public uint IntervalMicroseconds { get; }

    /// <summary>The sender's name.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>How many entries there are.</summary>
    public int EntryCount { get; }

    /// <summary>The octets of the entries, which are well formed; take them with <see cref="HeartbeatEntry.TakeFrom"/>.</summary>
    public ReadOnlySpan<byte> Entries { get; }

    /// <summary>Whether text can be the name of a sender.</summary>
    public static bool IsName(string text)
    {
        foreach (var c in text)
        {
            if (c is <= ' ' or > '~')
                return false;
        }
        return text.Length is > 0 and <= MostNameBytes;
    }

    /// <summary>Reads a heartbeat, every octet of it.</summary>
    public static HeartbeatRefusal TryRead(ReadOnlySpan<byte> bytes, out HeartbeatPacket packet)
    {
        packet = default;
        if (bytes.Length > MostBytes)
            return HeartbeatRefusal.TooLong;
        if (bytes.Length > 0 && bytes[0] != CurrentVersion)
            return HeartbeatRefusal.Version;
        var reader = new ByteReader(bytes);
        _ = reader.ReadUInt16();
        var nameBytes = reader.ReadByte();
        var entries = reader.ReadByte();
        var (incarnation, sequence, interval) = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt32());
        var name = reader.ReadBytes(nameBytes);
        if (reader.Failed || !IsName(name) || entries > MostEntries ||
            interval is < LeastIntervalMicroseconds or > MostIntervalMicroseconds)
            return HeartbeatRefusal.Malformed;
        var rest = reader.Rest;
        for (var i = 0; i < entries; i++)
        {
            if (!HeartbeatEntry.TryTake(ref rest, out _))
                return HeartbeatRefusal.Malformed;
        }
        if (!rest.IsEmpty)
            return HeartbeatRefusal.Malformed;
        packet = new(bytes, incarnation, sequence, interval);
        return HeartbeatRefusal.None;
    }

    internal static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= MostNameBytes && !name.ContainsAnyExceptInRange((byte)'!', (byte)'~');
}
