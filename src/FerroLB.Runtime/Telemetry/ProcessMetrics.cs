using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace FerroLB.Runtime.Telemetry;

/// <summary>
/// What Prometheus clients tell about every process, under the customary names. It is read from /proc, since the framework's own class for
/// it would stay in memory for nothing else.
/// </summary>
internal static class ProcessMetrics
{
    /// <summary>Linux counts time for programs in hundredths of a second, whatever it does inside.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>The series as Prometheus text.</summary>
    public static string Expose()
    {
        // The second field, the name, may hold blanks and parentheses; everything after the last parenthesis is plain.
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var text = new StringBuilder();
        var cpu = (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
        Append(text, "process_cpu_seconds_total", "counter", "CPU time in seconds.", cpu);
        var resident = Number(fields[21]) * Environment.SystemPageSize;
        Append(text, "process_resident_memory_bytes", "gauge", "Resident memory in bytes.", resident);
        Append(text, "process_open_fds", "gauge", "Open file descriptors.", Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        Append(
            text, "process_start_time_seconds", "gauge", "Start of the process in seconds since 1970.",
            BootTime() + Number(fields[19]) / TicksPerSecond);
        return text.ToString();
    }

    private static double BootTime()
    {
        foreach (var line in File.ReadLines("/proc/stat"))
        {
            if (line.StartsWith("btime ", StringComparison.Ordinal))
                return Number(line["btime ".Length..]);
        }
        return 0;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static void Append(StringBuilder text, string name, string kind, string help, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value:R}\n");
}
