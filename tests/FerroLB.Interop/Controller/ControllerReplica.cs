using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;

namespace FerroLB.Interop.Controller;

/// <summary>One real `ferrolb controller` process, without ports of its own.</summary>
internal sealed class ControllerReplica : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Process _process;

    /// <summary>Starts it.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="name">The pod's name, which its identity begins with.</param>
    /// <param name="flags">More flags.</param>
    public ControllerReplica(ServerProcess server, string name, params IEnumerable<string> flags)
    {
        Name = name;
        string[] arguments =
        [
            "controller", "--namespace", "metallb-system", "--pod-name", name, "--port", "0", "--health-probe-port", "0",
            "--webhook-mode", "disabled", .. flags,
        ];
        _process = CommandResult.Start(Shell.Ferrolb, arguments, server.Environment);
        _process.OutputDataReceived += Remember;
        _process.ErrorDataReceived += Remember;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    public string Log => string.Join('\n', _log);

    /// <summary>Whether a line with this message was logged.</summary>
    public bool HasSaid(string message) => LineOf(message).Length > 0;

    /// <summary>The first line with this message; "" when there is none.</summary>
    public string LineOf(string message) =>
        _log.FirstOrDefault(line => line.Contains($"\"msg\":\"{message}\"", StringComparison.Ordinal)) ?? "";

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends a signal such as STOP, CONT or TERM.</summary>
    public async Task SignalAsync(string signal) =>
        await CommandResult.RunAsync("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"], new SortedDictionary<string, string>());

    /// <summary>The exit code, once it has ended.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
            _log.Enqueue(line.Data);
    }
}
