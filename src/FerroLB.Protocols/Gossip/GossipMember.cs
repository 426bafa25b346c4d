using System.Collections.Immutable;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Protocols.Gossip;

/// <summary>What is known of a member.</summary>
/// <param name="Name">Its name; unique.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="State">What is thought of it.</param>
/// <param name="Incarnation">Its incarnation: it raises it when it refutes something and when it changes what it states.</param>
/// <param name="Meta">Its data.</param>
/// <param name="Versions">What it speaks.</param>
public sealed record GossipMember(
    string Name, GossipAddress Address, GossipMemberState State, uint Incarnation, ImmutableArray<byte> Meta, GossipVersions Versions)
{
    /// <summary>The latest <see cref="GossipInput.SuspectRequested"/> that it refuted since; 0 for none.</summary>
    public long AnsweredAccusation { get; init; }

    /// <summary>Whether it counts as there: alive, or only suspected.</summary>
    public bool IsPresent => State is GossipMemberState.Alive or GossipMemberState.Suspect;
}
