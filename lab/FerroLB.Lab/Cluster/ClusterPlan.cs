using System;
using System.Collections.Generic;
using FerroLB.Lab.Routers;

namespace FerroLB.Lab.Cluster;

/// <summary>What a cluster is made of.</summary>
/// <param name="Nodes">Nodes with a speaker each; none is allowed.</param>
/// <param name="Segments">LAN segments that every node is on.</param>
/// <param name="Controllers">Replicas of the controller.</param>
/// <param name="Elects">Whether the controllers elect a leader; several must.</param>
/// <param name="LoadBalancerClass">The class that the controllers serve; "" for Services without a class.</param>
/// <param name="HasMembership">Whether the speakers look for each other; otherwise the Node objects tell who lives.</param>
public sealed record ClusterPlan(
    int Nodes, int Segments, int Controllers = 1, bool Elects = false, string LoadBalancerClass = "", bool HasMembership = false)
{
    /// <summary>How often owners of addresses say on the LAN that they live; zero for never.</summary>
    public TimeSpan HeartbeatInterval { get; init; }

    /// <summary>Routers on the first segment.</summary>
    public IReadOnlyList<RouterPlan> Routers { get; init; } = [];

    /// <summary>The cluster's AS.</summary>
    public uint Asn { get; init; } = 64_500;
}
