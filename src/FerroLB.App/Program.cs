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
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
            return parsed.Invoke();
        string command = parsed.CommandResult.Command == root ? "ferrolb" : "ferrolb " + parsed.CommandResult.Command.Name;
        string reason = string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Console.Error.WriteLine($"{command}: {reason} See `{command} --help`.");
        return 2;
    }
}
