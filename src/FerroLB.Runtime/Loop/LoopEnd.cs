namespace FerroLB.Runtime.Loop;

/// <summary>How a loop ended.</summary>
/// <param name="ExitCode">What the process should exit with: 0 after a clean shutdown, <see cref="Broken"/> otherwise.</param>
/// <param name="Reason">Words for the log; null after a clean shutdown.</param>
public sealed record LoopEnd(int ExitCode, string? Reason)
{
    /// <summary>EX_SOFTWARE of sysexits.h: an invariant is broken or something unforeseen was thrown; the restarted process rebuilds its
    /// state.</summary>
    public const int Broken = 70;

    /// <summary>A clean shutdown.</summary>
    public static readonly LoopEnd Clean = new(0, null);
}
