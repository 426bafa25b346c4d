using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// Every member, this one included, in the order in which they are probed. A new one gets a random place in it, so that it is soon probed
/// by somebody; after each round the order is shuffled and those who are gone for long are forgotten.
/// </summary>
internal sealed class GossipMemberTable(SeededRandom random)
{
    private readonly List<GossipMemberEntry> _order = [];
    private readonly Dictionary<string, GossipMemberEntry> _byName = new(StringComparer.Ordinal);

    public int Count => _order.Count;

    public IReadOnlyList<GossipMemberEntry> Order => _order;

    public bool TryGet(string name, [MaybeNullWhen(false)] out GossipMemberEntry entry) => _byName.TryGetValue(name, out entry);

    public void Add(GossipMemberEntry entry)
    {
        _byName.Add(entry.Name, entry);
        _order.Add(entry);
        var place = random.Next(_order.Count);
        (_order[place], _order[^1]) = (_order[^1], _order[place]);
    }

    /// <summary>Shuffles, and forgets those for whom that is said.</summary>
    public void StartRound(Predicate<GossipMemberEntry> isForgotten)
    {
        foreach (var entry in _order)
        {
            if (isForgotten(entry))
                _byName.Remove(entry.Name);
        }
        _order.RemoveAll(isForgotten);
        for (var i = _order.Count - 1; i > 0; i--)
        {
            var other = random.Next(i + 1);
            (_order[i], _order[other]) = (_order[other], _order[i]);
        }
    }

    /// <summary>Draws up to this many different members that qualify, each as likely as the others.</summary>
    public List<GossipMemberEntry> Draw(int count, Predicate<GossipMemberEntry> qualifies)
    {
        var drawn = new List<GossipMemberEntry>();
        var seen = 0;
        foreach (var entry in _order)
        {
            if (count < 1 || !qualifies(entry))
                continue;
            seen++;
            if (drawn.Count < count)
                drawn.Add(entry);
            else if (random.Next(seen) is var place && place < count)
                drawn[place] = entry;
        }
        return drawn;
    }
}
