using System.Collections.Immutable;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>A member as the machine keeps it.</summary>
internal sealed class GossipMemberEntry(GossipMessage.Alive statement, Instant now)
{
    private long _accusation;
    private uint _accusedIncarnation;

    /// <summary>What it last stated about itself, or others passed on of that; its incarnation may be older than
    /// <see cref="Incarnation"/>.</summary>
    public GossipMessage.Alive Statement { get; set; } = statement;

    public string Name { get; } = statement.Node;

    public uint Incarnation { get; set; }

    public GossipMemberState State { get; private set; } = GossipMemberState.Dead;

    public Instant StateSince { get; private set; } = now;

    public GossipSuspicion? Suspicion { get; set; }

    public GossipAddress Address => Statement.Address;

    public bool IsGone => State is GossipMemberState.Dead or GossipMemberState.Left;

    public void Become(GossipMemberState state, Instant now)
    {
        if (State != state)
            (State, StateSince) = (state, now);
    }

    /// <summary>Remembers what it is to refute.</summary>
    public void Accuse(long accusation) => (_accusation, _accusedIncarnation) = (accusation, Incarnation);

    public GossipMember ToMember() =>
        new(Name, Address, State, Incarnation, ImmutableArray.Create(Statement.Meta), Statement.Versions)
        {
            AnsweredAccusation = State == GossipMemberState.Alive && Incarnation > _accusedIncarnation ? _accusation : 0,
        };
}
