using System.CommandLine;
using System.IO;

namespace FerroLB.Lab.Commands;

/// <summary>The options that several commands have in common.</summary>
internal static class RunOptions
{
    /// <summary>One seed, or a range of them, each a run of its own.</summary>
    public static Option<SeedRange?> Seeds() => new("--seed", "--seeds")
    {
        Description = "The seed to run, or a range of them as 1..100.",
        CustomParser = result =>
        {
            var range = SeedRange.Parse(result.Tokens[0].Value);
            if (range is null)
                result.AddError($"\"{result.Tokens[0].Value}\" is neither a seed nor a range such as 1..100.");
            return range;
        },
        DefaultValueFactory = _ => new SeedRange(1, 1),
        HelpName = "N or A..B",
    };

    /// <summary>The seed of a command that runs one only.</summary>
    public static Option<ulong> Seed() => new("--seed")
    {
        Description = "Fixes the run.",
        DefaultValueFactory = _ => 1UL,
        HelpName = "N",
    };

    /// <summary>Where the trace goes.</summary>
    public static Option<FileInfo?> TraceFile() => new("--trace")
    {
        Description = "Write every input and output of every machine to this file, in words. For one seed.",
        HelpName = "FILE",
    };
}
