using System;

namespace FerroLB.Tests;

/// <summary>Measures what a piece of code allocates on the managed heap.</summary>
internal static class AllocationMeter
{
    private const int Tries = 5;

    /// <summary>
    /// The least that one of several runs allocated, in bytes. What the code itself allocates it allocates every time; what the runtime
    /// allocates on this thread while it compiles a path that is taken for the first time comes once.
    /// </summary>
    public static long LeastBytes(Action run)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Tries && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
