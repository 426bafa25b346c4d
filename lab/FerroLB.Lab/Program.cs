using System.CommandLine;
using FerroLB.Lab.Commands;

namespace FerroLB.Lab;

internal static class Program
{
    private static int Main(string[] arguments) =>
        new RootCommand("The lab of FerroLB: clusters under a virtual clock, and fuzzing.")
            { SimCommand.Create(), MembersCommand.Create(), GapsCommand.Create(), RoutersCommand.Create(), FuzzCommand.Create() }
            .Parse(arguments)
            .Invoke();
}
