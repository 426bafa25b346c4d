using FerroLB.Runtime.Linux;

namespace FerroLB.Benchmarks;

/// <summary>Keeps a busy machine from being measured instead of what is to be measured.</summary>
internal static class UrgentThread
{
    private const int Niceness = -15;

    /// <summary>Lets the calling thread run before ordinary ones.</summary>
    public static void Raise() => _ = Libc.SetPriority(Libc.PriorityOfProcess, (uint)Libc.GetThreadId(), Niceness);
}
