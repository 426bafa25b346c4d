using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using FerroLB.Interop.Lan;

namespace FerroLB.Interop.Routers;

/// <summary>
/// A router that speaks BGP with the node: FRR, BIRD, GoBGP, ExaBGP or OpenBGPD, each in the form that its users would write. It accepts
/// every route and sends none.
/// </summary>
internal abstract class BgpRouter : IDisposable
{
    private static int _count;

    protected BgpRouter(TestLan lan, BgpRouterSpec spec)
    {
        (Lan, Spec) = (lan, spec);
        Name = string.Create(CultureInfo.InvariantCulture, $"{GetType().Name}-{Interlocked.Increment(ref _count)}");
    }

    protected TestLan Lan { get; }

    protected BgpRouterSpec Spec { get; }

    protected string Name { get; }

    protected Process? Process { get; set; }

    /// <summary>The daemon by its name.</summary>
    public static BgpRouter Start(string kind, TestLan lan, BgpRouterSpec spec) => kind switch
    {
        "FRR" => new FrrBgp(lan, spec),
        "BIRD" => new BirdBgp(lan, spec),
        "GoBGP" => new GoBgp(lan, spec),
        "ExaBGP" => new ExaBgp(lan, spec),
        "OpenBGPD" => new OpenBgpd(lan, spec),
        _ => throw new ArgumentException(kind, nameof(kind)),
    };

    /// <summary>What it prints of its routes.</summary>
    public abstract string Routes();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        if (Process is not { HasExited: false } process)
            return;
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Writes a configuration file that any user may read.</summary>
    protected string Write(string configuration, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var file = Path.Combine(Lan.Directory, Name + ".conf");
        File.WriteAllText(file, configuration);
        File.SetUnixFileMode(file, mode);
        return file;
    }

    /// <summary>A line of configuration that is there only with a password.</summary>
    protected string IfPassword(string line) => Spec.Password.Length == 0 ? "" : line;
}
