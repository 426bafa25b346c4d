using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// Feeds mutated inputs to a target until told to stop or until one breaks it. A broken promise is an exception, more allocation than the
/// target's limit, or what the target itself finds wrong. The input found is shortened before it is shown. Input number n of a seed is
/// always the same.
/// </summary>
public sealed class FuzzRun(IFuzzTarget target, ulong seed)
{
    private const int WarmUpInputs = 200;

    private readonly SeededRandom _random = new(seed);

    /// <summary>Runs while <paramref name="goOn"/> (asked now and then) agrees.</summary>
    public FuzzResult Run(Func<long, bool> goOn)
    {
        long inputs = 0;
        while (inputs % 64 != 0 || goOn(inputs))
        {
            var input = Mutator.Mutate(target, _random);
            // The first inputs pay for code that is compiled and caches that are filled.
            if (FaultOf(input, measuresAllocation: inputs >= WarmUpInputs) is { } fault)
                return new(inputs + 1, fault, Shorten(input));
            inputs++;
        }
        return new(inputs, null, null);
    }

    /// <summary>What is wrong with one input; null for nothing.</summary>
    public string? FaultOf(byte[] input, bool measuresAllocation)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            if (target.Try(input) is { } fault)
                return fault;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return exception.ToString();
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return measuresAllocation && allocated > target.AllocationLimit(input.Length)
            ? $"{allocated} octets allocated for an input of {input.Length}, the limit is {target.AllocationLimit(input.Length)}"
            : null;
    }

    private byte[] Shorten(byte[] input)
    {
        for (var size = input.Length / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= input.Length;)
            {
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(at + size)];
                if (FaultOf(shorter, measuresAllocation: true) is not null)
                    input = shorter;
                else
                    at += size;
            }
        }
        return input;
    }
}
