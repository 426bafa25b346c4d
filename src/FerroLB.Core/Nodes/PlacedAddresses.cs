using System.Collections.Immutable;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>Addresses of a Service that were placed together, because they are of one pool.</summary>
/// <param name="Addresses">The addresses, in the order of the Service's status.</param>
/// <param name="Pool">The pool's name; empty when they are in none.</param>
/// <param name="Placement">Where they live, from this node's point of view.</param>
internal sealed record PlacedAddresses(ImmutableArray<IpAddress> Addresses, string Pool, Layer2Placement Placement);
