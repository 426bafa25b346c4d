using System;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace FerroLB.Interop.Lan;

/// <summary>Runs the tools of the machine (ip, kubectl, arping) to their end, and long-running processes with their output in a
/// file.</summary>
internal static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs a command that must succeed; its output.</summary>
    public static string Run(string file, params string[] arguments)
    {
        var (exitCode, output) = Try(file, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {output}");
    }

    /// <summary>Runs a command that must succeed; its output without what it says on its error stream, which is told when it
    /// fails.</summary>
    public static string Read(string file, params string[] arguments)
    {
        var info = Info(file, arguments, "exec \"$0\" \"$@\" </dev/null");
        info.RedirectStandardError = true;
        using var process = Process.Start(info)!;
        var errors = process.StandardError.ReadToEndAsync();
        var (exitCode, output) = ToEnd(process, file, arguments);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {output}{errors.Result}");
    }

    /// <summary>Runs a command; its exit code, and its output and errors together.</summary>
    public static (int ExitCode, string Output) Try(string file, params string[] arguments)
    {
        using var process = Process.Start(Info(file, arguments, "exec \"$0\" \"$@\" 2>&1 </dev/null"))!;
        return ToEnd(process, file, arguments);
    }

    /// <summary>Starts a command that goes on running, output and errors to a file. The process id is that of the command itself.</summary>
    public static Process Start(string logFile, string file, params string[] arguments) =>
        Process.Start(Info(file, arguments, $"exec \"$0\" \"$@\" >>'{logFile}' 2>&1 </dev/null"))!;

    /// <summary>A file of the repository, from wherever the test runs.</summary>
    public static string InRepository(string path)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "FerroLB.slnx")))
            directory = directory.Parent;
        return Path.Combine(directory?.FullName ?? throw new InvalidOperationException("not inside the repository"), path);
    }

    private static (int ExitCode, string Output) ToEnd(Process process, string file, string[] arguments)
    {
        var output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            throw new TimeoutException($"{file} {string.Join(' ', arguments)} did not end within {Limit.TotalSeconds} s");
        }
        return (process.ExitCode, output);
    }

    private static ProcessStartInfo Info(string file, string[] arguments, string script)
    {
        var info = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "-c", script, file }.Concat(arguments))
            info.ArgumentList.Add(argument);
        return info;
    }
}
