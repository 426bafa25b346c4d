using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using FerroLB.Lab.Scenarios;

namespace FerroLB.Lab.Commands;

/// <summary>
/// The same seeds in another process, whose framework hashes and addresses in memory are others: what differs there is not decided by the
/// seed.
/// </summary>
internal sealed class SecondProcess : IDisposable
{
    private readonly Process _process;
    private readonly SortedDictionary<ulong, string> _hashes = [];

    private SecondProcess(Process process) => _process = process;

    public static SecondProcess Start(SeedRange seeds, SimOptions options)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // Under the dotnet host the assembly is the first argument; the lab's own executable needs none.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "lab.dll"));
        string[] arguments =
        [
            "sim", "--hashes-only", "--seeds", seeds.ToString(), "--minutes", options.Minutes.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        Add("--nodes", options.Nodes?.ToString(CultureInfo.InvariantCulture));
        Add("--controllers", options.Controllers?.ToString(CultureInfo.InvariantCulture));
        Add("--routers", options.Routers?.ToString(CultureInfo.InvariantCulture));
        Add("--faults", options.Faults?.ToString());
        return new(Process.Start(start) ?? throw new InvalidOperationException("the second process did not start"));

        void Add(string option, string? value)
        {
            if (value is null)
                return;
            start.ArgumentList.Add(option);
            start.ArgumentList.Add(value);
        }
    }

    /// <summary>The hash of a seed, as soon as the process tells it; "nothing" when it ended without.</summary>
    public string HashOf(ulong seed)
    {
        while (!_hashes.ContainsKey(seed) && _process.StandardOutput.ReadLine() is { } line)
        {
            var parts = line.Split(' ');
            if (parts.Length == 2 && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var told))
                _hashes[told] = parts[1];
        }
        return _hashes.TryGetValue(seed, out var hash) ? hash : "nothing";
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
