using System.Collections.Generic;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>Carries out wishes to join: eight addresses at a time. A wish that comes meanwhile is added to the one under way.</summary>
internal sealed class GossipJoins(GossipContext context, GossipStreams streams)
{
    private const int MostAtOnce = 8;
    private const int MostWaiting = 10_000;

    private readonly Queue<GossipAddress> _waiting = new();
    private readonly SortedSet<GossipAddress> _wanted = [];
    private readonly List<string> _failures = [];
    private int _underWay;
    private int _joined;

    public void Start(IReadOnlyList<GossipAddress> addresses, Instant now)
    {
        var isIdle = _wanted.Count == 0;
        foreach (var address in addresses)
        {
            if (_waiting.Count < MostWaiting && !context.IsLeaving && address != context.Config.Address && _wanted.Add(address))
                _waiting.Enqueue(address);
        }
        if (isIdle && _wanted.Count == 0)
            context.Emit(new GossipOutput.JoinEnded(0, []));
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
        if (_underWay > 0 || _wanted.Count == 0)
            return;
        context.Emit(new GossipOutput.JoinEnded(_joined, [.. _failures]));
        _joined = 0;
        _failures.Clear();
        _wanted.Clear();
    }

    private void Continue(Instant now)
    {
        while (_underWay < MostAtOnce && _waiting.TryDequeue(out var address))
        {
            _underWay++;
            streams.OpenPushPull(address, isJoin: true, now);
        }
    }
}
