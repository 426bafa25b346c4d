using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Allocation;

/// <summary>Everything about a Service that decides which addresses it may have.</summary>
/// <param name="Service">The Service's namespace and name.</param>
public sealed record AllocationRequest(ObjectKey Service)
{
    private static readonly ImmutableSortedDictionary<string, string> NoLabels = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The Service's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = NoLabels;

    /// <summary>The labels of the Service's namespace.</summary>
    public IReadOnlyDictionary<string, string> NamespaceLabels { get; init; } = NoLabels;

    /// <summary>The families of the Service's cluster IPs, the primary first: one, or two different ones.</summary>
    public ImmutableArray<AddressFamily> Families { get; init; } = [];

    /// <summary>What the Service wants when it has cluster IPs of both families.</summary>
    public FamilyPolicy Policy { get; init; }

    /// <summary>The addresses asked for, in the order asked; empty when the choice is free.</summary>
    public ImmutableArray<IpAddress> RequestedAddresses { get; init; } = [];

    /// <summary>The pool asked for, or null.</summary>
    public string? PoolName { get; init; }

    /// <summary>Services with equal keys may share addresses; empty for a Service that shares with none.</summary>
    public string SharingKey { get; init; } = "";

    /// <summary>Services share only if these are equal: see <see cref="BackendKeyOf"/>.</summary>
    public string BackendKey { get; init; } = "";

    /// <summary>The Service's ports; no two sharers of an address may have one in common.</summary>
    public ImmutableArray<AllocationPort> Ports { get; init; } = [];

    /// <summary>
    /// The backend key of a Service: its selector as sorted "k=v" pairs if its externalTrafficPolicy is Local, because then the address
    /// must lead to the same nodes for all sharers; otherwise empty.
    /// </summary>
    public static string BackendKeyOf(IReadOnlyDictionary<string, string>? selector, bool isTrafficPolicyLocal) =>
        !isTrafficPolicyLocal || selector is null
            ? ""
            : string.Join(',', selector.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));
}
