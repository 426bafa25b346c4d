using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>
/// Everything about a Service that decides which node announces it. A Service whose two addresses lie in pools of different names is
/// placed once per pool; otherwise both addresses live on the node that the first one elects.
/// </summary>
/// <param name="Address">The first address, as the status orders them.</param>
public sealed record Layer2Request(IpAddress Address)
{
    /// <summary>The Service's other addresses in the pool, which follow the first one.</summary>
    public IReadOnlyList<IpAddress> Followers { get; init; } = [];

    /// <summary>The Service's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether the Service has an allow-shared-ip annotation under either prefix, with whatever value.</summary>
    public bool HasSharingAnnotation { get; init; }

    /// <summary>Whether externalTrafficPolicy is Local: only nodes with a serving endpoint may announce.</summary>
    public bool IsTrafficPolicyLocal { get; init; }

    /// <summary>Whether any endpoint can serve, on whatever node, known or not.</summary>
    public bool HasServingEndpoint { get; init; }

    /// <summary>The nodes with an endpoint that can serve; consulted only for traffic policy Local.</summary>
    public IReadOnlySet<string> ServingNodes { get; init; } = ImmutableSortedSet<string>.Empty;
}
