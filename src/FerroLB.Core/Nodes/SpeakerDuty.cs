using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Which speaker speaks for a Service that nobody announces. Every speaker works it out for itself from who lives, so exactly one does it
/// while they agree; the work is spread over all of them, and only a dead one's share moves when it dies.
/// </summary>
public sealed class SpeakerDuty
{
    private readonly ImmutableArray<(ulong Seed, string Node)> _living;

    /// <summary>Takes the nodes on which a speaker lives, each once.</summary>
    public SpeakerDuty(IEnumerable<string> living)
    {
        var nodes = new SortedSet<string>(living, StringComparer.Ordinal);
        var seeded = ImmutableArray.CreateBuilder<(ulong, string)>(nodes.Count);
        foreach (var node in nodes)
            seeded.Add((StableHash.Fnv1a64(Encoding.UTF8.GetBytes(node)), node));
        _living = seeded.ToImmutable();
        Living = nodes;
    }

    /// <summary>The nodes on which a speaker lives.</summary>
    public IReadOnlySet<string> Living { get; }

    /// <summary>
    /// The speaker of a Service: of the living ones that whose hash of node and Service is the lowest; null when nobody is known to live.
    /// </summary>
    public string? SpeakerOf(ObjectKey service)
    {
        var bytes = Encoding.UTF8.GetBytes(service.ToString());
        (ulong Hash, string Node)? best = null;
        foreach (var (seed, node) in _living)
        {
            var hash = Mix(StableHash.Fnv1a64(bytes, seed));
            if (best is null || hash < best.Value.Hash)
                best = (hash, node);
        }
        return best?.Node;
    }

    /// <summary>
    /// How many of the living come before a node in the order of those that speak for a Service; the first is its speaker.
    /// </summary>
    public int RankOf(string node, ObjectKey service)
    {
        var bytes = Encoding.UTF8.GetBytes(service.ToString());
        var own = Mix(StableHash.Fnv1a64(bytes, StableHash.Fnv1a64(Encoding.UTF8.GetBytes(node))));
        var rank = 0;
        foreach (var (seed, name) in _living)
        {
            var hash = Mix(StableHash.Fnv1a64(bytes, seed));
            if (hash < own || (hash == own && string.CompareOrdinal(name, node) < 0))
                rank++;
        }
        return rank;
    }

    /// <summary>Whether a node speaks for a Service; everybody does when nobody is known to live.</summary>
    public bool Has(string node, ObjectKey service) => SpeakerOf(service) is not { } speaker || speaker == node;

    // FNV keeps apart too little what differs by a digit; this is the last step of MurmurHash3.
    private static ulong Mix(ulong hash)
    {
        unchecked
        {
            hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
            hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
            return hash ^ (hash >> 33);
        }
    }
}
