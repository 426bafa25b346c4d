using System.Collections.Generic;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Ranges of 32-bit numbers, and the classic BPF program that searches them: a balanced tree of comparisons, which costs a frame as many
/// steps as the number of ranges has binary digits.
/// </summary>
internal static class BpfRanges
{
    /// <summary>The most ranges that share their ends: from the first comparison to the last end a branch reaches just so far.</summary>
    public const int MostInBlock = 128;

    private const int FarthestBranch = 255;

    // Stands for a jump behind the program until its length is known.
    private static readonly BpfInstruction GoOn = new(BpfInstruction.Jump, 0, 0, uint.MaxValue);

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

    /// <summary>
    /// A program that keeps so many octets of the frame when A is within a range. It takes two instructions for a range, because searches
    /// of up to <see cref="MostInBlock"/> ranges share their ends.
    /// </summary>
    /// <param name="ranges">At least one, ascending, disjoint.</param>
    /// <param name="keptOctets">How much to keep of a frame that is found.</param>
    /// <param name="continues">Whether a frame that is not found goes on behind the program instead of being dropped.</param>
    public static List<BpfInstruction> Search(List<BpfRange> ranges, uint keptOctets, bool continues = false)
    {
        var miss = continues ? GoOn : new(BpfInstruction.Return, 0, 0, 0);
        var program = new List<BpfInstruction>(SizeOf(ranges.Count))
        {
            new(BpfInstruction.JumpIfGreaterOrEqual, 1, 0, ranges[0].First),
            miss,
        };
        AddBlocks(program, ranges, 0, ranges.Count, [new(BpfInstruction.Return, 0, 0, keptOctets), miss]);
        for (var at = 0; at < program.Count; at++)
        {
            if (program[at] == GoOn)
                program[at] = GoOn with { Operand = (uint)(program.Count - at - 1) };
        }
        return program;
    }

    /// <summary>How many instructions the search of so many ranges takes.</summary>
    public static int SizeOf(int ranges) => 2 + SizeOfBlocks(ranges);

    /// <summary>The most ranges, up to a number, whose search takes no more instructions than these; at least one.</summary>
    public static int MostWithin(int instructions, int most)
    {
        var (fits, tooMany) = (1, most + 1);
        while (tooMany - fits > 1)
        {
            var middle = fits + (tooMany - fits) / 2;
            if (SizeOf(middle) <= instructions)
                fits = middle;
            else
                tooMany = middle;
        }
        return fits;
    }

    private static int SizeOfBlocks(int ranges)
    {
        if (ranges <= MostInBlock)
            return 2 * ranges + 1;
        var below = SizeOfBlocks(ranges / 2);
        return (below <= FarthestBranch ? 1 : 2) + below + SizeOfBlocks(ranges - ranges / 2);
    }

    private static void AddBlocks(List<BpfInstruction> program, List<BpfRange> ranges, int from, int to, BpfInstruction[] ends)
    {
        if (to - from <= MostInBlock)
        {
            var foundAt = program.Count + 2 * (to - from) - 1;
            AddTree(program, ranges, from, to, foundAt);
            program.AddRange(ends);
            return;
        }
        var middle = from + (to - from) / 2;
        AddBranch(program, ranges[middle].First, SizeOfBlocks(middle - from));
        AddBlocks(program, ranges, from, middle, ends);
        AddBlocks(program, ranges, middle, to, ends);
    }

    /// <summary>The comparisons of one block, whose ends, found and missed, stand one after the other behind it.</summary>
    private static void AddTree(List<BpfInstruction> program, List<BpfRange> ranges, int from, int to, int foundAt)
    {
        if (to - from == 1)
        {
            var (first, last) = ranges[from];
            var found = (byte)(foundAt - program.Count - 1);
            var missed = (byte)(found + 1);
            program.Add(first == last
                ? new(BpfInstruction.JumpIfEqual, found, missed, first)
                : new(BpfInstruction.JumpIfGreater, missed, found, last));
            return;
        }
        var middle = from + (to - from) / 2;
        AddBranch(program, ranges[middle].First, 2 * (middle - from) - 1);
        AddTree(program, ranges, from, middle, foundAt);
        AddTree(program, ranges, middle, to, foundAt);
    }

    /// <summary>Skips the next instructions when A is at least so much.</summary>
    private static void AddBranch(List<BpfInstruction> program, uint least, int skipped)
    {
        if (skipped <= FarthestBranch)
        {
            program.Add(new(BpfInstruction.JumpIfGreaterOrEqual, (byte)skipped, 0, least));
            return;
        }
        program.Add(new(BpfInstruction.JumpIfGreaterOrEqual, 0, 1, least));
        program.Add(new(BpfInstruction.Jump, 0, 0, (uint)skipped));
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
        AddBranch(program, ranges[middle].First, below.Count);
        program.AddRange(below);
        program.AddRange(Search(ranges, found, middle, to));
        return program;
    }
}

/// <summary>Numbers from the first to the last, both included.</summary>
internal readonly record struct BpfRange(uint First, uint Last);
