using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>Everything about a Service that decides which routes this node advertises for it.</summary>
/// <param name="Addresses">
/// The Service's addresses that lie in one pool. A Service with addresses in several pools is asked about once for each.
/// </param>
public sealed record BgpRequest(IReadOnlyList<IpAddress> Addresses)
{
    /// <summary>The Service's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether externalTrafficPolicy is Local: only nodes with a serving endpoint advertise.</summary>
    public bool IsTrafficPolicyLocal { get; init; }

    /// <summary>Whether any endpoint that has an address can serve, on whatever node.</summary>
    public bool HasServingEndpoint { get; init; }

    /// <summary>Whether an endpoint on this node that has an address can serve; consulted only for traffic policy Local.</summary>
    public bool HasLocalEndpoint { get; init; }
}
