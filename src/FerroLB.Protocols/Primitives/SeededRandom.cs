using System;
using System.Text;

namespace FerroLB.Protocols.Primitives;

/// <summary>
/// A deterministic generator (SplitMix64): one 64-bit seed enters a node at construction, and every use forks its own stream, so that a
/// new draw in one place does not shift the draws of another. Never used for secrecy.
/// </summary>
public sealed class SeededRandom(ulong seed)
{
    private readonly ulong _seed = seed;
    private ulong _state = seed;

    /// <summary>A stream of its own, fixed by this generator's seed and the name.</summary>
    public SeededRandom Fork(string name) => new(Mix(StableHash.Fnv1a64(Encoding.UTF8.GetBytes(name), _seed ^ 0xCBF29CE484222325)));

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64() => Mix(unchecked(_state += 0x9E3779B97F4A7C15));

    /// <summary>A number from 0 to <paramref name="limit"/> - 1; the limit must be positive.</summary>
    public int Next(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return (int)((UInt128)NextUInt64() * (ulong)limit >> 64);
    }

    /// <summary>A number from 0 (included) to 1 (excluded).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with the given probability (0-1).</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A span between two bounds.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) =>
        new(least.Ticks + (long)(NextDouble() * (most.Ticks - least.Ticks)));

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
            z = (z ^ z >> 27) * 0x94D049BB133111EB;
            return z ^ z >> 31;
        }
    }
}
