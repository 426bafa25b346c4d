using FerroLB.Core.Status;

namespace FerroLB.Runtime.Telemetry;

/// <summary>The --log-level flag: which lines are written.</summary>
public static class LogThreshold
{
    /// <summary>Above every level: nothing is written.</summary>
    public const LogLevel None = LogLevel.Error + 1;

    /// <summary>The words that the flag accepts.</summary>
    public const string Words = "all, debug, info, warn, error, none";

    /// <summary>The lowest level written for a word of <see cref="Words"/>; false for any other text.</summary>
    public static bool TryParse(string? text, out LogLevel lowest)
    {
        lowest = text switch
        {
            "all" or "debug" => LogLevel.Debug,
            "warn" => LogLevel.Warn,
            "error" => LogLevel.Error,
            "none" => None,
            _ => LogLevel.Info,
        };
        return text is "all" or "debug" or "info" or "warn" or "error" or "none";
    }
}
