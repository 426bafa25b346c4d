using System.Collections.Generic;

namespace FerroLB.Lab.Checkers;

/// <summary>The world at rest, for comparison with itself after one act.</summary>
/// <param name="Rules">The rules, asked of this picture.</param>
/// <param name="Services">Every Service.</param>
/// <param name="Pools">Every pool that exists, in force or not.</param>
/// <param name="Configuration">Every pool and every namespace's labels, as one text.</param>
public sealed record StepPicture(
    AllocationRules Rules, IReadOnlyList<ServiceView> Services, IReadOnlyList<PoolView> Pools, string Configuration);
