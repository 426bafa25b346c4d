using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>A kubectl that goes on printing until it is disposed of.</summary>
internal sealed class WatchingKubectl : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    public WatchingKubectl(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Remember(line.Data);
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits for a line that holds all the texts.</summary>
    public async Task ExpectAsync(params string[] texts)
    {
        bool seen = await Shell.UntilAsync(Limit, () => Task.FromResult(_lines.Any(line => texts.All(line.Contains))));
        Assert.True(seen, $"no line with {string.Join(" and ", texts)} came; there were:\n{string.Join('\n', _lines)}");
    }

    /// <summary>Waits for the end; its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private void Remember(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }
}
