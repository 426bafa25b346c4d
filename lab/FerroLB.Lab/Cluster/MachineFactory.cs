using System;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>Makes the machines under test; a test of the checkers puts broken ones in their place.</summary>
/// <param name="Controller">A controller.</param>
/// <param name="Speaker">A speaker's control loop.</param>
/// <param name="Link">A speaker's link loop.</param>
public sealed record MachineFactory(
    Func<ControllerStart, IMachine<NodeInput, NodeOutput>> Controller,
    Func<SpeakerStart, IMachine<NodeInput, NodeOutput>> Speaker,
    Func<LinkStart, LinkMachine> Link)
{
    /// <summary>A speaker's BGP loop.</summary>
    public Func<BgpStart, IMachine<BgpNodeInput, BgpNodeOutput>> Bgp { get; init; } = start => new BgpNode(start.Node, start.Seed);
}
