using System;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>Makes the machines under test; a test of the checkers puts broken ones in their place.</summary>
/// <param name="Controller">A controller from a seed.</param>
/// <param name="Speaker">A speaker's control loop from its node's name and a seed.</param>
/// <param name="Link">A speaker's link loop from a seed.</param>
public sealed record MachineFactory(
    Func<ulong, IMachine<NodeInput, NodeOutput>> Controller,
    Func<string, ulong, IMachine<NodeInput, NodeOutput>> Speaker,
    Func<ulong, LinkNode> Link);
