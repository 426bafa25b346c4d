using System.Collections.Generic;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// Pings on behalf of others: the answer is passed on; silence for the probe timeout is said if that was wanted. At most 1,024 at a time;
/// beyond that a request is not served, and who asked hears nothing, which it counts as its own trouble.
/// </summary>
internal sealed class GossipRelays(GossipContext context)
{
    private const int Most = 1024;

    private readonly Queue<(Instant Deadline, uint Sequence)> _deadlines = new();
    private readonly Dictionary<uint, Relay> _relays = [];

    public Instant? NextDeadline => _deadlines.TryPeek(out var next) ? next.Deadline : null;

    public void Start(GossipMessage.IndirectPing request, GossipAddress from, Instant now)
    {
        if (_deadlines.Count >= Most)
            return;
        var config = context.Config;
        var target = request.Target.Port == 0 ? request.Target with { Port = config.Address.Port } : request.Target;
        var sequence = context.NextSequence();
        _relays[sequence] = new(request.SequenceNumber, request.Source ?? from, request.SourceNode, request.WantsNack);
        _deadlines.Enqueue((now + context.Tuning.ProbeTimeout, sequence));
        context.Send(target, request.Node, new GossipMessage.Ping(sequence, request.Node, config.Address, config.Name));
    }

    public void Acknowledge(uint sequence)
    {
        if (_relays.Remove(sequence, out var relay))
            context.Send(relay.To, relay.Node, new GossipMessage.Ack(relay.Sequence, []));
    }

    public void Advance(Instant now)
    {
        while (_deadlines.TryPeek(out var next) && next.Deadline <= now)
        {
            _deadlines.Dequeue();
            if (_relays.Remove(next.Sequence, out var relay) && relay.WantsNack)
                context.Send(relay.To, relay.Node, new GossipMessage.Nack(relay.Sequence));
        }
    }

    private sealed record Relay(uint Sequence, GossipAddress To, string Node, bool WantsNack);
}
