using System;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Core.Nodes;

/// <summary>How speakers find each other.</summary>
/// <param name="Labels">A label selector for the speakers' pods (flag --ml-labels).</param>
/// <param name="Address">Where this speaker listens (flags --ml-bindaddr and --ml-bindport); the others use the same port.</param>
public sealed record MembershipOptions(string Labels, GossipAddress Address)
{
    /// <summary>How often the pods are listed.</summary>
    public TimeSpan ListInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after a list that failed the next one comes.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often those are tried to be joined that are no members.</summary>
    public TimeSpan JoinInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a starting speaker that knows of others, or cannot list them, waits to meet one before it elects by
    /// itself.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(3);
}
