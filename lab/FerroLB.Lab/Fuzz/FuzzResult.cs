namespace FerroLB.Lab.Fuzz;

/// <summary>What a fuzz run showed.</summary>
/// <param name="Inputs">Inputs tried.</param>
/// <param name="Fault">What went wrong; null when nothing did.</param>
/// <param name="Input">The input that did it, made as short as was easy.</param>
public sealed record FuzzResult(long Inputs, string? Fault, byte[]? Input);
