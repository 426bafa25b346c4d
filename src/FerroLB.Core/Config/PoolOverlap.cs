using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>
/// Decides which pools can be in force together when blocks of some overlap. A pool that is already in force on the disputed addresses
/// keeps them; otherwise changed pools come before new ones, and then the older one wins, as it did in processes that saw both come. The
/// loser falls back to its last valid form, or is left out.
///
/// Pools are first taken as written, all together, so that two pools may exchange addresses in one step. Each conflict makes one of them
/// lose, and the rest is tried again, since a loser that falls back may need addresses that it had given up. The whole is repeated until
/// nothing changes, so that building again from the same objects gives the same result.
/// </summary>
internal static class PoolOverlap
{
    /// <summary>Returns the pools in force, sorted by name; losers get a fault.</summary>
    public static ImmutableArray<PoolConfig> Resolve(IReadOnlyList<Candidate> candidates)
    {
        var inForce = candidates.Select(candidate => candidate.Previous).ToArray();
        while (true)
        {
            foreach (var candidate in candidates)
                candidate.Restart();
            while (!TryTogether(candidates))
            {
            }
            var next = candidates.Select(candidate => candidate.Form).ToArray();
            if (Enumerable.SequenceEqual(next, inForce))
                break;
            inForce = next;
            foreach (var candidate in candidates)
                candidate.Previous = candidate.Form;
        }
        foreach (var candidate in candidates)
            candidate.ReportLoss();
        return [.. inForce.OfType<PoolConfig>().OrderBy(pool => pool.Name, StringComparer.Ordinal)];
    }

    private static bool TryTogether(IReadOnlyList<Candidate> candidates)
    {
        var taken = new SortedSet<Claim>();
        foreach (var candidate in candidates.OrderBy(candidate => candidate.Tier))
        {
            foreach (var block in candidate.Form?.Blocks ?? [])
            {
                var claim = new Claim(block, candidate);
                if (FindOverlap(taken, claim) is { } other)
                {
                    Lose(claim, other);
                    return false;
                }
                taken.Add(claim);
            }
        }
        return true;
    }

    private static void Lose(Claim later, Claim earlier)
    {
        var disputed = later.Block.Length > earlier.Block.Length ? later.Block : earlier.Block;
        if (later.Owner.WasInForceOn(disputed) && !earlier.Owner.WasInForceOn(disputed))
            earlier.Owner.Lose(earlier.Block, later);
        else
            later.Owner.Lose(later.Block, earlier);
    }

    private static Claim? FindOverlap(SortedSet<Claim> taken, Claim claim)
    {
        if (taken.Count == 0)
            return null;
        // Taken blocks are disjoint, so only the neighbours on both sides can overlap.
        if (taken.Min! <= claim && taken.GetViewBetween(taken.Min!, claim).Max is { } below && below.Block.Overlaps(claim.Block))
            return below;
        if (taken.Max! >= claim && taken.GetViewBetween(claim, taken.Max!).Min is { } above && above.Block.Overlaps(claim.Block))
            return above;
        return null;
    }

    /// <summary>One pool in the dispute. The candidates are given sorted by age, and then by name.</summary>
    internal sealed class Candidate(PoolConfig? written, PoolConfig? previous, FaultList faults)
    {
        private (IpPrefix Block, Claim Winner)? _loss;

        /// <summary>The pool's name; empty when it never was valid.</summary>
        public string Name => written?.Name ?? Previous?.Name ?? "";

        /// <summary>The form in force before.</summary>
        public PoolConfig? Previous { get; set; } = previous;

        /// <summary>The form under trial; null when the pool is left out.</summary>
        public PoolConfig? Form { get; private set; }

        /// <summary>Forms in force come first, then changed ones, then new ones.</summary>
        public int Tier => ReferenceEquals(Form, Previous) ? 0 : Previous is not null ? 1 : 2;

        /// <summary>Begins a round with the pool as written, or as it was when what is written is invalid.</summary>
        public void Restart()
        {
            Form = written ?? Previous;
            _loss = null;
        }

        /// <summary>Whether the form in force before covers a part of the block.</summary>
        public bool WasInForceOn(IpPrefix block) => Previous is not null && Previous.Blocks.Any(own => own.Overlaps(block));

        /// <summary>Falls back, because another pool keeps the addresses.</summary>
        public void Lose(IpPrefix block, Claim winner)
        {
            Form = Previous;
            _loss = (block, winner);
        }

        /// <summary>Turns the loss, if any, into a fault.</summary>
        public void ReportLoss()
        {
            if (_loss is not var (block, winner))
                return;
            var index = written!.Entries.ToList().FindIndex(entry => entry.Blocks.Contains(block));
            faults.Add(
                $"spec.addresses[{index}]", written.Entries[index].Text,
                $"overlaps pool \"{winner.Owner.Name}\", which holds the addresses (block {block} with {winner.Block})",
                "Remove the addresses from one of the two pools");
        }
    }

    /// <summary>A block and the pool that claims it; ordered by the first address.</summary>
    internal sealed record Claim(IpPrefix Block, Candidate Owner) : IComparable<Claim>
    {
        /// <inheritdoc/>
        public int CompareTo(Claim? other) => other is null ? 1 : Block.First.CompareTo(other.Block.First);

        public static bool operator <=(Claim left, Claim right) => left.CompareTo(right) <= 0;

        public static bool operator >=(Claim left, Claim right) => left.CompareTo(right) >= 0;

        public static bool operator <(Claim left, Claim right) => left.CompareTo(right) < 0;

        public static bool operator >(Claim left, Claim right) => left.CompareTo(right) > 0;
    }
}
