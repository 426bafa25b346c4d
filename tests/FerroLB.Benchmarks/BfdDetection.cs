namespace FerroLB.Benchmarks;

/// <summary>A host noticed that another one is silent.</summary>
/// <param name="At">When, in milliseconds since 1970.</param>
/// <param name="By">Who noticed.</param>
/// <param name="Of">Who was silent.</param>
/// <param name="Milliseconds">From the last packet of the silent one to the first that says so.</param>
internal readonly record struct BfdDetection(double At, string By, string Of, double Milliseconds);
