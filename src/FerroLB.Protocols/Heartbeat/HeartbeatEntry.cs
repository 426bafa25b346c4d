using System;
using System.Buffers.Binary;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>What the sender of a heartbeat says about another node.</summary>
public enum HeartbeatEntryKind : byte
{
    /// <summary>It wants to hear from that node now. Who knows a later incarnation of itself than its own, learns it from here.</summary>
    Probe = 1,

    /// <summary>It holds that node to be silent.</summary>
    Silent = 2,

    /// <summary>It heard that node itself, so long ago as the age says.</summary>
    Heard = 3,
}

/// <summary>An entry of a heartbeat: a word about another node.</summary>
/// <param name="kind">What is said; unknown kinds are skipped.</param>
/// <param name="incarnation">The node's latest incarnation that the sender knows.</param>
/// <param name="ageMicroseconds">For Heard: how long ago.</param>
/// <param name="name">The node's name.</param>
public readonly ref struct HeartbeatEntry(HeartbeatEntryKind kind, ulong incarnation, uint ageMicroseconds, ReadOnlySpan<byte> name)
{
    /// <summary>What is said.</summary>
    public HeartbeatEntryKind Kind { get; } = kind;

    /// <summary>The node's latest incarnation that the sender knows.</summary>
    public ulong Incarnation { get; } = incarnation;

    /// <summary>For Heard: how long ago, in microseconds.</summary>
    public uint AgeMicroseconds { get; } = ageMicroseconds;

    /// <summary>The node's name.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>Takes the first entry off octets that were found well formed.</summary>
    public static HeartbeatEntry TakeFrom(ref ReadOnlySpan<byte> entries)
    {
        Invariant.Check(TryTake(ref entries, out var entry), "an entry of a heartbeat that was read is well formed");
        return entry;
    }

    internal static bool TryTake(ref ReadOnlySpan<byte> entries, out HeartbeatEntry entry)
    {
        entry = default;
        if (entries.Length < HeartbeatPacket.EntryBytes || entries.Length < HeartbeatPacket.EntryBytes + entries[1])
            return false;
        var name = entries.Slice(HeartbeatPacket.EntryBytes, entries[1]);
        if (!HeartbeatPacket.IsName(name))
            return false;
        entry = new(
            (HeartbeatEntryKind)entries[0], BinaryPrimitives.ReadUInt64BigEndian(entries[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(entries[10..]), name);
        entries = entries[(HeartbeatPacket.EntryBytes + name.Length)..];
        return true;
    }
}
