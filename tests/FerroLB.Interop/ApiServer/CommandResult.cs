using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace FerroLB.Interop.ApiServer;

/// <summary>What a command printed, and how it ended.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan UsualLimit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command to its end, which must come within a minute unless another limit is given.</summary>
    public static async Task<CommandResult> RunAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string input = "",
        TimeSpan? limit = null)
    {
        TimeSpan atMost = limit ?? UsualLimit;
        using Process process = Start(file, arguments, environment);
        using var expiry = new CancellationTokenSource(atMost);
        Task<string> output = process.StandardOutput.ReadToEndAsync(expiry.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(expiry.Token);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), expiry.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(expiry.Token);
            return new CommandResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} {string.Join(' ', arguments)} did not end within {atMost.TotalSeconds} s");
        }
    }

    /// <summary>Starts a command with all its streams redirected.</summary>
    public static Process Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var info = new ProcessStartInfo(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
            info.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment)
            info.Environment[name] = value;
        return Process.Start(info) ?? throw new InvalidOperationException($"{file} did not start");
    }
}
