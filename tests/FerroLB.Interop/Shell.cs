using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace FerroLB.Interop;

/// <summary>What a command printed, and how it ended.</summary>
internal sealed record ShellResult(int ExitCode, string Output);

/// <summary>Runs commands in the repository's root directory.</summary>
internal static class Shell
{
    /// <summary>The directory that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The `ferrolb` executable that was built with the tests.</summary>
    public static string Ferrolb { get; } = FindFerrolb();

    /// <summary>Runs a command to its end; output and errors come together, in the order of their lines.</summary>
    public static async Task<ShellResult> RunAsync(
        TimeSpan limit, IReadOnlyDictionary<string, string> environment, string file, params string[] arguments)
    {
        using var process = Start(environment, file, arguments);
        using var expiry = CancellationTokenSource.CreateLinkedTokenSource(Xunit.TestContext.Current.CancellationToken);
        expiry.CancelAfter(limit);
        var output = process.StandardOutput.ReadToEndAsync(expiry.Token);
        try
        {
            await process.WaitForExitAsync(expiry.Token);
            return new ShellResult(process.ExitCode, await output);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} {string.Join(' ', arguments)} did not end within {limit.TotalSeconds} s");
        }
    }

    /// <summary>Starts a command with its errors sent to its output.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, string file, params string[] arguments)
    {
        var info = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, WorkingDirectory = Root };
        string[] wrapped = ["-c", "exec \"$0\" \"$@\" 2>&1 </dev/null", file, .. arguments];
        foreach (var argument in wrapped)
        {
            info.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return Process.Start(info) ?? throw new InvalidOperationException($"{file} did not start");
    }

    /// <summary>Tries until the condition holds; false when it did not within the limit.</summary>
    public static async Task<bool> UntilAsync(TimeSpan limit, Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > limit)
            {
                return false;
            }

            await Task.Delay(50, Xunit.TestContext.Current.CancellationToken);
        }

        return true;
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "FerroLB.slnx")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the tests must run from inside the repository");
    }

    private static string FindFerrolb()
    {
        if (Environment.GetEnvironmentVariable("FERROLB_BINARY") is { Length: > 0 } binary)
        {
            return Path.GetFullPath(binary);
        }

        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Name;
        return Path.Combine(Root, "artifacts/bin/FerroLB.App", configuration, "ferrolb");
    }
}
