using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using FerroLB.Interop.Lan;

namespace FerroLB.Interop.Routers;

/// <summary>BIRD on a host of a <see cref="TestLan"/>.</summary>
internal sealed class BirdRouter : IDisposable
{
    private static int _count;

    private readonly string _socket;

    /// <summary>Starts BIRD and waits until it answers.</summary>
    public BirdRouter(TestLan lan, string host, string configuration)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bird-{Interlocked.Increment(ref _count)}");
        var file = Path.Combine(lan.Directory, name + ".conf");
        _socket = Path.Combine(lan.Directory, name + ".ctl");
        File.WriteAllText(file, configuration);
        Process = lan.Start(host, name, "bird", "-f", "-c", file, "-s", _socket, "-P", Path.Combine(lan.Directory, name + ".pid"));
        lan.Until("BIRD answers", () => Tool.Try("birdc", "-s", _socket, "show", "status").ExitCode == 0);
    }

    /// <summary>Its process.</summary>
    public Process Process { get; }

    /// <summary>Runs a command of birdc.</summary>
    public string Run(params string[] words) => Tool.Run("birdc", ["-s", _socket, .. words]);

    /// <summary>Kills it as a crash would.</summary>
    public void Kill()
    {
        Process.Kill();
        Process.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Process.HasExited)
            Kill();
    }
}
