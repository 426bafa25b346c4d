using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

namespace FerroLB.Benchmarks;

/// <summary>What a process has used so far, as the kernel counts it.</summary>
internal static class ProcessUse
{
    /// <summary>USER_HZ: the kernel counts processor time in hundredths of a second on every architecture that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>A line of /proc/PID/status in decimal megabytes, for example VmRSS.</summary>
    public static double Megabytes(Process process, string field)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2].Split('\t')[^1],
            CultureInfo.InvariantCulture) * 1024 / 1_000_000;
    }

    /// <summary>Processor seconds, user and system together.</summary>
    public static double CpuSeconds(Process process)
    {
        // The second field is the program's name in parentheses, which may hold blanks.
        var stat = File.ReadAllText($"/proc/{process.Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[11..13].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
