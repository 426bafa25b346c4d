using System.Collections.Generic;
using System.Linq;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Ranges of 32-bit numbers, and the classic BPF program that searches them: a balanced tree of comparisons, which costs a frame as many
/// steps as the number of ranges has binary digits.
/// </summary>
internal static class BpfRanges
{
    private const int FarthestBranch = 255;

    /// <summary>The ranges of a set of numbers, ascending; neighbours form one.</summary>
    public static List<BpfRange> Of(IEnumerable<uint> ascending)
    {
        var ranges = new List<BpfRange>();
        foreach (var value in ascending)
        {
            if (ranges.Count > 0 && value <= (ulong)ranges[^1].Last + 1)
                ranges[^1] = ranges[^1] with { Last = value };
            else
                ranges.Add(new(value, value));
        }
        return ranges;
    }

    /// <summary>At most so many ranges that contain all of these; the smallest gaps are closed first.</summary>
    public static List<BpfRange> Cover(List<BpfRange> ranges, int most)
    {
        if (ranges.Count <= most)
            return ranges;
        var gaps = new List<(uint Width, int After)>(ranges.Count - 1);
        for (var i = 0; i + 1 < ranges.Count; i++)
            gaps.Add((ranges[i + 1].First - ranges[i].Last, i));
        gaps.Sort();
        var closed = new bool[ranges.Count];
        for (var i = 0; i < ranges.Count - most; i++)
            closed[gaps[i].After] = true;
        var covering = new List<BpfRange> { ranges[0] };
        for (var i = 1; i < ranges.Count; i++)
        {
            if (closed[i - 1])
                covering[^1] = covering[^1] with { Last = ranges[i].Last };
            else
                covering.Add(ranges[i]);
        }
        return covering;
    }

    /// <summary>A program that goes on to a range's own program when A is within it, and drops the frame otherwise.</summary>
    /// <param name="ranges">At least one, ascending, disjoint.</param>
    /// <param name="found">The program of each range; it ends with a return on every path.</param>
    public static List<BpfInstruction> Search(List<BpfRange> ranges, IReadOnlyList<List<BpfInstruction>> found)
    {
        List<BpfInstruction> program =
        [
            new(BpfInstruction.JumpIfGreaterOrEqual, 1, 0, ranges[0].First),
            new(BpfInstruction.Return, 0, 0, 0),
        ];
        program.AddRange(Search(ranges, found, 0, ranges.Count));
        return program;
    }

    /// <summary>The same, when every range is kept, so many octets of the frame.</summary>
    public static List<BpfInstruction> Search(List<BpfRange> ranges, uint keptOctets)
    {
        List<BpfInstruction> keep = [new(BpfInstruction.Return, 0, 0, keptOctets)];
        return Search(ranges, [.. Enumerable.Repeat(keep, ranges.Count)]);
    }

    /// <summary>The search among ranges [from, to), entered when A is at least the first one's lower end.</summary>
    private static List<BpfInstruction> Search(List<BpfRange> ranges, IReadOnlyList<List<BpfInstruction>> found, int from, int to)
    {
        var program = new List<BpfInstruction>();
        if (to - from == 1)
        {
            program.Add(new(BpfInstruction.JumpIfGreater, 0, 1, ranges[from].Last));
            program.Add(new(BpfInstruction.Return, 0, 0, 0));
            program.AddRange(found[from]);
            return program;
        }
        var middle = from + (to - from) / 2;
        var below = Search(ranges, found, from, middle);
        if (below.Count <= FarthestBranch)
        {
            program.Add(new(BpfInstruction.JumpIfGreaterOrEqual, (byte)below.Count, 0, ranges[middle].First));
        }
        else
        {
            program.Add(new(BpfInstruction.JumpIfGreaterOrEqual, 0, 1, ranges[middle].First));
            program.Add(new(BpfInstruction.Jump, 0, 0, (uint)below.Count));
        }
        program.AddRange(below);
        program.AddRange(Search(ranges, found, middle, to));
        return program;
    }
}

/// <summary>Numbers from the first to the last, both included.</summary>
internal readonly record struct BpfRange(uint First, uint Last);
