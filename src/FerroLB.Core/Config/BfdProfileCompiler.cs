using System.Globalization;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>Turns a BFDProfile as written into a <see cref="BfdProfileConfig"/>.</summary>
internal static class BfdProfileCompiler
{
    private const int ShortestInterval = 10;
    private const int LongestInterval = 60_000;

    /// <summary>Returns the profile, or null with at least one fault.</summary>
    public static BfdProfileConfig? Compile(BfdProfile source, FaultList faults)
    {
        CheckInterval(source.ReceiveIntervalMilliseconds, "spec.receiveInterval", faults);
        CheckInterval(source.TransmitIntervalMilliseconds, "spec.transmitInterval", faults);
        CheckInterval(source.EchoIntervalMilliseconds, "spec.echoInterval", faults);
        Check(source.DetectMultiplier, 2, 255, "spec.detectMultiplier", "", faults);
        Check(source.MinimumTtl, 1, 254, "spec.minimumTtl", "", faults);
        if (!faults.IsEmpty)
            return null;
        var standard = new BfdProfileConfig(source.Key.Name);
        return standard with
        {
            ReceiveIntervalMilliseconds = source.ReceiveIntervalMilliseconds ?? standard.ReceiveIntervalMilliseconds,
            TransmitIntervalMilliseconds = source.TransmitIntervalMilliseconds ?? standard.TransmitIntervalMilliseconds,
            EchoIntervalMilliseconds = source.EchoIntervalMilliseconds ?? standard.EchoIntervalMilliseconds,
            DetectMultiplier = source.DetectMultiplier ?? standard.DetectMultiplier,
            MinimumTtl = source.MinimumTtl ?? standard.MinimumTtl,
            EchoMode = source.EchoMode ?? false,
            PassiveMode = source.PassiveMode ?? false,
        };
    }

    private static void CheckInterval(int? value, string field, FaultList faults) =>
        Check(value, ShortestInterval, LongestInterval, field, " milliseconds", faults);

    private static void Check(int? value, int least, int most, string field, string unit, FaultList faults)
    {
        if (value is { } number && (number < least || number > most))
            faults.Add(
                field, number.ToString(CultureInfo.InvariantCulture), $"is not between {least} and {most}{unit}",
                $"Choose a number from {least} to {most}");
    }
}
