using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace FerroLB.Runtime.Telemetry;

/// <summary>What Prometheus clients tell about every process, under the customary names.</summary>
internal static class ProcessMetrics
{
    /// <summary>The series as Prometheus text.</summary>
    public static string Expose()
    {
        using var process = Process.GetCurrentProcess();
        var text = new StringBuilder();
        Append(text, "process_cpu_seconds_total", "counter", "CPU time in seconds.", process.TotalProcessorTime.TotalSeconds);
        Append(text, "process_resident_memory_bytes", "gauge", "Resident memory in bytes.", process.WorkingSet64);
        Append(text, "process_open_fds", "gauge", "Open file descriptors.", Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        var started = new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        Append(text, "process_start_time_seconds", "gauge", "Start of the process in seconds since 1970.", started);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string name, string kind, string help, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value:R}\n");
}
