using System;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Allocation;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>What the controller decided about one Service; also what its snapshot shows of it.</summary>
/// <param name="Addresses">The addresses that the status must name, in this order.</param>
/// <param name="Pool">The name of their pool, or null.</param>
/// <param name="Statement">Whether the Service has what it asks for, and why not; null for Services that are not load-balanced.</param>
/// <param name="LeavesStatus">
/// Whether the addresses in the status are left as they are, because the pool that they may be from cannot be read at present.
/// </param>
public sealed record ServiceOutcome(ImmutableArray<IpAddress> Addresses, string? Pool, Statement? Statement, bool LeavesStatus = false)
{
    /// <summary>A Service that is not load-balanced by us and holds nothing.</summary>
    public static ServiceOutcome Nothing { get; } = new([], null, null);

    /// <summary>Why a request was refused; null when there is nothing to wait for.</summary>
    public AllocationRefusal? Refusal { get; init; }

    /// <inheritdoc/>
    public bool Equals(ServiceOutcome? other) =>
        other is not null && Pool == other.Pool && LeavesStatus == other.LeavesStatus && Equals(Statement, other.Statement) &&
        Equals(Refusal, other.Refusal) && Addresses.SequenceEqual(other.Addresses);

    /// <inheritdoc/>
    public override int GetHashCode() => Addresses.Length;
}

/// <summary>Something to tell the user about a Service.</summary>
/// <param name="IsWarning">Warning, else Normal.</param>
/// <param name="Reason">One of the reasons that tools look for.</param>
/// <param name="Message">The sentence for the user.</param>
internal sealed record ServiceNotice(bool IsWarning, string Reason, string Message);
