using System;
using System.Collections.Generic;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// The messages that every member shall hear, and how often each was sent: those sent least go first, of those the longest, of those the
/// newest. A newer message about a member replaces the older one, so there are never more than members.
/// </summary>
internal sealed class GossipBroadcasts
{
    private const int MostLookedAt = 256;

    private readonly SortedSet<Entry> _queue = new(Comparer<Entry>.Create(Order));
    private readonly Dictionary<string, Entry> _byName = new(StringComparer.Ordinal);
    private long _lastId;

    public int Count => _queue.Count;

    /// <summary>Whether a message about a member is still being spread.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    public void Add(string name, byte[] message)
    {
        if (_byName.Remove(name, out var older))
            _queue.Remove(older);
        Insert(new(name, message, 0, ++_lastId));
    }

    /// <summary>Takes messages for one datagram, which then count as sent once more.</summary>
    /// <param name="into">Gets the messages.</param>
    /// <param name="partBytes">What each costs beside itself.</param>
    /// <param name="mostBytes">What all may cost.</param>
    /// <param name="mostSends">After how many sends a message is done.</param>
    public void Take(List<byte[]> into, int partBytes, int mostBytes, int mostSends)
    {
        List<Entry>? taken = null;
        var (free, lookedAt) = (mostBytes, 0);
        foreach (var entry in _queue)
        {
            if (free <= partBytes || ++lookedAt > MostLookedAt || into.Count == Wire.GossipPacket.MostParts)
                break;
            if (entry.Message.Length + partBytes > free)
                continue;
            into.Add(entry.Message);
            (taken ??= []).Add(entry);
            free -= entry.Message.Length + partBytes;
        }
        foreach (var entry in taken ?? [])
        {
            _queue.Remove(entry);
            _byName.Remove(entry.Name);
            if (entry.Sends + 1 < mostSends)
                Insert(entry with { Sends = entry.Sends + 1 });
        }
    }

    /// <summary>A broadcast is sent this often.</summary>
    public static int MostSends(int retransmitMult, int members) => retransmitMult * (int)Math.Ceiling(Math.Log10(members + 1));

    private void Insert(Entry entry)
    {
        _queue.Add(entry);
        _byName[entry.Name] = entry;
    }

    private static int Order(Entry x, Entry y) =>
        x.Sends != y.Sends ? x.Sends.CompareTo(y.Sends)
        : x.Message.Length != y.Message.Length ? y.Message.Length.CompareTo(x.Message.Length)
        : y.Id.CompareTo(x.Id);

    private sealed record Entry(string Name, byte[] Message, int Sends, long Id);
}
