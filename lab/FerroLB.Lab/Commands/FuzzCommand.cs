using System;
using System.CommandLine;
using System.Diagnostics;
using FerroLB.Lab.Fuzz;

namespace FerroLB.Lab.Commands;

/// <summary>`lab fuzz`: wrong octets for every decoder.</summary>
internal static class FuzzCommand
{
    private static readonly Argument<string> Target = new("target")
    {
        Description = "What to feed: arp, ndp, bfd, gossip, heartbeat, bgp, bgp-session, json or store-log.",
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "How long to go on.",
        DefaultValueFactory = _ => 10,
        HelpName = "S",
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "Fixes the inputs and their order.",
        DefaultValueFactory = _ => 1UL,
        HelpName = "N",
    };

    private static readonly Option<string?> Input = new("--input")
    {
        Description = "Try this one input instead, in hexadecimal, as an earlier find printed it.",
        HelpName = "HEX",
    };

    public static Command Create()
    {
        Target.AcceptOnlyFromAmong("arp", "ndp", "bfd", "gossip", "heartbeat", "bgp", "bgp-session", "json", "store-log");
        Seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1_000_000)
                result.AddError("--seconds must be 1 to 1000000.");
        });
        var command = new Command("fuzz", "Feeds mutated inputs to a decoder: nothing may throw, and memory stays bounded.")
            { Target, Seconds, Seed, Input };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        IFuzzTarget target = arguments.GetValue(Target) switch
        {
            "arp" => new ArpFuzzTarget(),
            "ndp" => new NdpFuzzTarget(),
            "bfd" => new BfdFuzzTarget(),
            "gossip" => new GossipFuzzTarget(),
            "bgp" => new BgpFuzzTarget(),
            "bgp-session" => new BgpSessionFuzzTarget(),
            "heartbeat" => new HeartbeatFuzzTarget(),
            "json" => new JsonFuzzTarget(),
            _ => new StoreLogFuzzTarget(),
        };
        var run = new FuzzRun(target, arguments.GetValue(Seed));
        if (arguments.GetValue(Input) is { } hex)
            return TryOne(run, hex);
        var watch = Stopwatch.StartNew();
        var most = TimeSpan.FromSeconds(arguments.GetValue(Seconds));
        var result = run.Run(_ => watch.Elapsed < most);
        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine($"{result.Inputs} inputs in {seconds:F1} s, {result.Inputs / seconds:F0} per second");
        if (result.Fault is null)
        {
            Console.WriteLine("1 passed, 0 failed, 0 skipped");
            return 0;
        }
        var shown = Convert.ToHexString(result.Input!);
        Console.WriteLine($"fault: {result.Fault}");
        Console.WriteLine($"again: lab fuzz {arguments.GetValue(Target)} --input {shown}");
        Console.WriteLine("0 passed, 1 failed, 0 skipped");
        return 1;
    }

    private static int TryOne(FuzzRun run, string hex)
    {
        byte[] input;
        try
        {
            input = Convert.FromHexString(hex);
        }
        catch (FormatException)
        {
            Console.Error.WriteLine("--input is not hexadecimal: an even number of the digits 0-9 and a-f is needed.");
            return 2;
        }
        var fault = run.FaultOf(input, measuresAllocation: false);
        Console.WriteLine(fault ?? "no fault");
        return fault is null ? 0 : 1;
    }
}
