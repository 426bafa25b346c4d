using System.Collections.Immutable;
using FerroLB.Core.Placement;

namespace FerroLB.Core.Nodes;

/// <summary>All routes that a Service asks for from now on.</summary>
/// <param name="Service">The Service.</param>
/// <param name="Routes">What it asks for; empty when it is not advertised or gone.</param>
public readonly record struct BgpServiceRoutes(ObjectKey Service, ImmutableArray<BgpContribution> Routes);
