using System;
using System.Globalization;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>Ages as Kubernetes prints them: two units where the second still matters, such as 90s, 5m30s, 3h, 2d4h, 400d, 3y35d.</summary>
public static class HumanAge
{
    /// <summary>The age of an RFC 3339 time; "&lt;unknown&gt;" when there is none or it is no time.</summary>
    public static string Since(string timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? Of(now - time)
            : "<unknown>";

    /// <summary>The printed form of a span; one that is a little negative, from clocks that differ, counts as 0s.</summary>
    public static string Of(TimeSpan age)
    {
        if (age < TimeSpan.FromSeconds(-1))
            return "<invalid>";
        long seconds = Math.Max(0, (long)age.TotalSeconds);
        long minutes = seconds / 60, hours = minutes / 60, days = hours / 24, years = days / 365;
        return (seconds, minutes, hours, days, years) switch
        {
            ( < 120, _, _, _, _) => $"{seconds}s",
            (_, < 10, _, _, _) => Two(minutes, "m", seconds % 60, "s"),
            (_, < 180, _, _, _) => $"{minutes}m",
            (_, _, < 8, _, _) => Two(hours, "h", minutes % 60, "m"),
            (_, _, < 48, _, _) => $"{hours}h",
            (_, _, < 192, _, _) => Two(days, "d", hours % 24, "h"),
            (_, _, _, < 730, _) => $"{days}d",
            (_, _, _, _, < 8) => Two(years, "y", days % 365, "d"),
            _ => $"{years}y",
        };
    }

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit}{small}{smallUnit}";
}
