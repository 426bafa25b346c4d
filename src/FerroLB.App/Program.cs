using System;
using System.CommandLine;
using FerroLB.App.Commands;

namespace FerroLB.App;

/// <summary>The only composition root: picks a command and runs it.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("FerroLB: external addresses for Kubernetes Services of type LoadBalancer on bare metal.");
        root.Subcommands.Add(ApiServerCommand.Create());
        root.Subcommands.Add(ControllerCommand.Create());
        root.Subcommands.Add(SpeakerCommand.Create());
        ParseResult parsed = root.Parse(args is ["controller" or "speaker", ..] ? Flags.WithTwoHyphens(args) : args);
        string command = parsed.CommandResult.Command == root ? "ferrolb" : "ferrolb " + parsed.CommandResult.Command.Name;
        if (parsed.Errors.Count == 0)
            return Invoke(parsed, command);
        string reason = string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Console.Error.WriteLine($"{command}: {reason} See `{command} --help`.");
        return 2;
    }

    private static int Invoke(ParseResult parsed, string command)
    {
        try
        {
            return parsed.Invoke(new() { EnableDefaultExceptionHandler = false });
        }
        catch (StartException failure)
        {
            Console.Error.WriteLine($"{command}: {failure.Message}");
            return failure.ExitCode;
        }
    }
}
