using System;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>A link loop under test.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Snapshot">What it says of itself.</param>
public sealed record LinkMachine(IMachine<LinkInput, LinkOutput> Machine, Func<LinkSnapshot> Snapshot)
{
    /// <summary>The product's own.</summary>
    public static LinkMachine Of(LinkNode node) => new(node, () => node.Snapshot);
}
