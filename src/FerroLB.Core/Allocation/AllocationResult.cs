using System.Diagnostics.CodeAnalysis;

namespace FerroLB.Core.Allocation;

/// <summary>What an attempt did.</summary>
public enum AllocationOutcome
{
    /// <summary>The Service has what it had before.</summary>
    Kept,

    /// <summary>The Service has new addresses.</summary>
    Assigned,

    /// <summary>An address of the second family joined the one that the Service had before.</summary>
    Extended,

    /// <summary>The attempt was refused; what the Service had before it still has.</summary>
    Refused,
}

/// <summary>The answer to an attempt to give a Service addresses.</summary>
public sealed record AllocationResult
{
    private AllocationResult(AllocationOutcome outcome, AllocatedAddresses? allocated, AllocationRefusal? refusal)
    {
        Outcome = outcome;
        Allocated = allocated;
        Refusal = refusal;
    }

    /// <summary>What was done.</summary>
    public AllocationOutcome Outcome { get; }

    /// <summary>What the Service holds now; null only if it was refused and held nothing.</summary>
    public AllocatedAddresses? Allocated { get; }

    /// <summary>
    /// Why the attempt was refused; or, beside a success, why a Service that prefers dual stack has but one address. Otherwise null.
    /// </summary>
    public AllocationRefusal? Refusal { get; }

    /// <summary>Whether the Service holds what it asked for (or as much of it as its policy demands).</summary>
    [MemberNotNullWhen(true, nameof(Allocated))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Succeeded => Outcome != AllocationOutcome.Refused;

    /// <summary>A success; the refusal is that of the second family, if any.</summary>
    public static AllocationResult Success(
        AllocationOutcome outcome, AllocatedAddresses allocated, AllocationRefusal? secondFamily = null) =>
        new(outcome, allocated, secondFamily);

    /// <summary>A refusal of a Service that holds this, or nothing.</summary>
    public static AllocationResult Refused(AllocationRefusal refusal, AllocatedAddresses? held) =>
        new(AllocationOutcome.Refused, held, refusal);
}
