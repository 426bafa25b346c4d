using System;
using System.Collections.Generic;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// Whether all members of two pictures can understand each other: the version that each one uses must lie in the range that every living
/// one understands, for the protocol and for the program above it.
/// </summary>
internal static class GossipVersionCheck
{
    /// <summary>Null, or who does not fit and why.</summary>
    public static string? Mismatch(IReadOnlyList<GossipMemberEntry> ours, IReadOnlyList<GossipMessage.NodeState> theirs)
    {
        var (least, most) = ((byte)0, byte.MaxValue);
        var (delegateLeast, delegateMost) = ((byte)0, byte.MaxValue);
        foreach (var (_, versions) in Living(ours, theirs))
        {
            (least, most) = (Math.Max(least, versions.ProtocolMin), Math.Min(most, versions.ProtocolMax));
            (delegateLeast, delegateMost) = (Math.Max(delegateLeast, versions.DelegateMin), Math.Min(delegateMost, versions.DelegateMax));
        }
        foreach (var (name, versions) in Everybody(ours, theirs))
        {
            if (versions.ProtocolCurrent < least || versions.ProtocolCurrent > most)
                return $"{name} uses version {versions.ProtocolCurrent} of the protocol, and {least} to {most} are understood by all";
            if (versions.DelegateCurrent < delegateLeast || versions.DelegateCurrent > delegateMost)
                return $"{name} uses version {versions.DelegateCurrent} of the program above, " +
                    $"and {delegateLeast} to {delegateMost} are understood by all";
        }
        return null;
    }

    private static IEnumerable<(string Name, GossipVersions Versions)> Living(
        IReadOnlyList<GossipMemberEntry> ours, IReadOnlyList<GossipMessage.NodeState> theirs)
    {
        foreach (var (state, statement) in theirs)
        {
            if (state == GossipMemberState.Alive && statement.HasVersions)
                yield return (statement.Node, statement.Versions);
        }
        foreach (var entry in ours)
        {
            if (entry.State == GossipMemberState.Alive)
                yield return (entry.Name, entry.Statement.Versions);
        }
    }

    private static IEnumerable<(string Name, GossipVersions Versions)> Everybody(
        IReadOnlyList<GossipMemberEntry> ours, IReadOnlyList<GossipMessage.NodeState> theirs)
    {
        foreach (var (_, statement) in theirs)
            yield return (statement.Node, statement.Versions);
        foreach (var entry in ours)
            yield return (entry.Name, entry.Statement.Versions);
    }
}
