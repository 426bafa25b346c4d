using System;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// The timers of a peer. Without both hold time and keepalive interval the engine's defaults hold; with one of them, the other follows in
/// the ratio of three to one. Hold time 0 means no keepalives at all (RFC 4271, section 4.2).
/// </summary>
/// <param name="Hold">Hold time, or null.</param>
/// <param name="Keepalive">Keepalive interval, or null.</param>
/// <param name="Connect">Delay between attempts to connect, or null.</param>
internal readonly record struct PeerTimers(TimeSpan? Hold, TimeSpan? Keepalive, TimeSpan? Connect)
{
    private const long Second = 1_000_000_000;
    private const int Ratio = 3;
    private const int ShortestHold = 3;
    private const int LongestHold = ushort.MaxValue;

    /// <summary>Reads the timers; of no use when a fault was added.</summary>
    public static PeerTimers Compile(BgpPeerSpec spec, FaultList faults)
    {
        var hold = Read(spec.HoldTime, "spec.holdTime", faults);
        var keepalive = Read(spec.KeepaliveTime, "spec.keepaliveTime", faults);
        var connect = Read(spec.ConnectTime, "spec.connectTime", faults);
        if (connect is { } delay && (delay % Second != 0 || delay < Second || delay > LongestHold * Second))
            faults.Add("spec.connectTime", spec.ConnectTime!, "is not a whole number of seconds from 1s to 65535s", "Correct the duration");
        var connectTime = connect is null ? null : (TimeSpan?)GoDuration.ToTimeSpan(connect.Value);
        if (!faults.IsEmpty || (hold is null && keepalive is null))
            return new(null, null, connectTime);
        Int128 effectiveHold = hold ?? (Int128)keepalive!.Value * Ratio;
        var effectiveKeepalive = keepalive ?? hold!.Value / Ratio;
        Check(spec, effectiveHold, effectiveKeepalive, faults);
        if (!faults.IsEmpty)
            return default;
        var seconds = (long)(effectiveHold / Second);
        return new(TimeSpan.FromSeconds(seconds), seconds == 0 ? TimeSpan.Zero : GoDuration.ToTimeSpan(effectiveKeepalive), connectTime);
    }

    private static long? Read(string? text, string field, FaultList faults)
    {
        if (text is null)
            return null;
        if (!GoDuration.TryParse(text, out var nanoseconds))
            faults.Add(field, text, GoDuration.Rule, GoDuration.Remedy);
        else if (nanoseconds < 0)
            faults.Add(field, text, "is negative", "Write a duration of 0 or more");
        return nanoseconds;
    }

    private static void Check(BgpPeerSpec spec, Int128 hold, long keepalive, FaultList faults)
    {
        var field = spec.HoldTime is null ? "spec.keepaliveTime" : "spec.holdTime";
        var value = spec.HoldTime ?? spec.KeepaliveTime!;
        var makes = spec.HoldTime is null ? "makes a hold time of three times as much, which" : "";
        var seconds = hold / Second;
        if (seconds > 0 && seconds < ShortestHold)
            faults.Add(
                field, value, $"{makes} is neither 0 nor at least 3s".TrimStart(), "Use 0s for no keepalives, or a hold time from 3s on");
        else if (seconds > LongestHold)
            faults.Add(field, value, $"{makes} is longer than 65535s".TrimStart(), "Use a shorter time");
        else if (keepalive > hold)
            faults.Add(
                "spec.keepaliveTime", spec.KeepaliveTime!, $"is longer than spec.holdTime \"{spec.HoldTime}\"",
                "Use a third of the hold time, or leave it out");
    }
}
