using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
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

    /// <summary>How many of its routes begin like that.</summary>
    public int CountRoutes(string beginning) => Regex.Matches(Routes(), $@"(?<![\d.]){Regex.Escape(beginning)}[\d.]+")
        .Select(match => match.Value).Distinct().Count();

    /// <summary>What it prints of all that it was told about a prefix.</summary>
    public abstract string Describe(string prefix);

    /// <summary>What it prints of the session, why it ended included.</summary>
    public abstract string Session();

    /// <summary>Makes it ask for all routes again (RFC 2918); false when its users cannot.</summary>
    public abstract bool AskAgain();

    /// <summary>Sends a signal to the daemon and to all processes that it started.</summary>
    public virtual void Signal(string name) => Signal(Process!.Id, name);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        if (Process is not { HasExited: false } process)
            return;
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Sends a signal to a process and to all that it started, as far as they are there still.</summary>
    protected static void Signal(int process, string name) => Tool.Try("kill", [$"-{name}", .. Family(process)]);

    private static IEnumerable<string> Family(int process)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task/{process}/children");
        var children = File.Exists(file) ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        return children.SelectMany(child => Family(int.Parse(child, CultureInfo.InvariantCulture)))
            .Prepend(process.ToString(CultureInfo.InvariantCulture));
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
    protected string IfPassword(string line) => If(Spec.Password.Length > 0, line);

    /// <summary>Lines of configuration for each family that the session carries.</summary>
    protected string ForEachFamily(Func<string, string> lines) => string.Join('\n', Spec.Families.Select(lines));

    /// <summary>A line of configuration that is there only under a condition.</summary>
    protected static string If(bool condition, string line) => condition ? line : "";
}
