using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.World;

/// <summary>A promise of the product that a run broke.</summary>
/// <param name="At">The world's time.</param>
/// <param name="Checker">Which checker saw it.</param>
/// <param name="What">What was seen and what should have been.</param>
public sealed record Violation(Instant At, string Checker, string What)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{At} {Checker}: {What}";
}
