using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// Carries out wishes to join: eight addresses at a time, in random order, so that many who start at once do not all turn to the same
/// one. After 32 exchanges that worked, those are left out and count as joined who became members meanwhile because others told of them:
/// enough have heard of this member by then to tell the rest, and of many who start at once each would exchange its picture with all. A
/// wish that comes meanwhile is added to the one under way.
/// </summary>
internal sealed class GossipJoins(GossipContext context, GossipStreams streams)
{
    private const int MostAtOnce = 8;
    private const int EnoughExchanges = 32;
    private const int MostWaiting = 10_000;

    private readonly SeededRandom _random = context.Random.Fork("joins");
    private readonly List<GossipAddress> _waiting = [];
    private readonly SortedSet<GossipAddress> _wanted = [];
    private readonly List<string> _failures = [];
    private int _underWay;
    private int _joined;

    public void Start(IReadOnlyList<GossipAddress> addresses, Instant now)
    {
        foreach (var address in addresses)
        {
            if (_waiting.Count < MostWaiting && !context.IsLeaving && address != context.Config.Address && _wanted.Add(address))
                _waiting.Add(address);
        }
        Continue(now);
    }

    public void Ended(GossipAddress address, string? failure, Instant now)
    {
        _underWay--;
        if (failure is null)
            _joined++;
        else
            _failures.Add($"{address}: {failure}");
        Continue(now);
    }

    private void Continue(Instant now)
    {
        while (_underWay < MostAtOnce && _waiting.Count > 0)
        {
            var address = TakeAny();
            if (_joined >= EnoughExchanges && IsMember(address))
            {
                _joined++;
                continue;
            }
            _underWay++;
            streams.OpenPushPull(address, isJoin: true, now);
        }
        if (_underWay > 0)
            return;
        context.Emit(new GossipOutput.JoinEnded(_joined, [.. _failures]));
        _joined = 0;
        _failures.Clear();
        _wanted.Clear();
    }

    private GossipAddress TakeAny()
    {
        var place = _random.Next(_waiting.Count);
        var address = _waiting[place];
        _waiting[place] = _waiting[^1];
        _waiting.RemoveAt(_waiting.Count - 1);
        return address;
    }

    private bool IsMember(GossipAddress address) => context.Members.Order.Any(entry => !entry.IsGone && entry.Address == address);
}
