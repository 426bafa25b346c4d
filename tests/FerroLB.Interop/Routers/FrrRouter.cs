using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using FerroLB.Interop.Lan;

namespace FerroLB.Interop.Routers;

/// <summary>
/// FRR on a host of a <see cref="TestLan"/>: zebra and the daemons that the test wants, with a directory of its own for their sockets, so
/// that many run on one machine.
/// </summary>
internal sealed class FrrRouter : IDisposable
{
    private static int _count;

    private readonly TestLan _lan;
    private readonly string _host;
    private readonly string _name;
    private readonly string _directory;
    private readonly SortedDictionary<string, Process> _daemons = new(StringComparer.Ordinal);

    /// <summary>Starts zebra and daemons ("bfdd", "bgpd") with one configuration for all of them, and waits until they answer.</summary>
    public FrrRouter(TestLan lan, string host, string configuration, params string[] daemons)
    {
        (_lan, _host) = (lan, host);
        _name = string.Create(CultureInfo.InvariantCulture, $"frr-{Interlocked.Increment(ref _count)}");
        // Outside of the LAN's directory, which only root may enter.
        _directory = Directory.CreateTempSubdirectory("flb-frr-").FullName;
        File.WriteAllText(Path.Combine(_directory, "vtysh.conf"), "");
        File.WriteAllText(Path.Combine(_directory, "empty.conf"), "");
        File.WriteAllText(Path.Combine(_directory, "wanted.conf"), configuration);
        Tool.Run("chown", "-R", "frr:frr", _directory);
        foreach (var daemon in daemons.Prepend("zebra"))
            Start(daemon);
        Tool.Run("vtysh", "--vty_socket", _directory, "--config_dir", _directory, "-f", Path.Combine(_directory, "wanted.conf"));
    }

    /// <summary>The process of a daemon.</summary>
    public Process Daemon(string daemon) => _daemons[daemon];

    /// <summary>Kills a daemon as a crash would.</summary>
    public void Kill(string daemon)
    {
        _daemons[daemon].Kill();
        _daemons[daemon].WaitForExit();
    }

    /// <summary>The process of a daemon.</summary>
    public int ProcessId(string daemon) => _daemons[daemon].Id;

    /// <summary>Runs commands of vtysh, in order.</summary>
    public string Run(params string[] commands) => Tool.Run(
        "vtysh", ["--vty_socket", _directory, "--config_dir", _directory, .. commands.SelectMany(command => new[] { "-c", command })]);

    /// <summary>Runs a command of vtysh that answers in JSON.</summary>
    public JsonElement Show(string command)
    {
        using var document = JsonDocument.Parse(Run(command));
        return document.RootElement.Clone();
    }

    /// <summary>What it knows of a BGP neighbour.</summary>
    public JsonElement Neighbor(string address) => Show($"show bgp neighbors {address} json").GetProperty(address);

    /// <summary>Whether its session with a neighbour is established.</summary>
    public bool HasSession(string address) => Neighbor(address).GetProperty("bgpState").GetString() == "Established";

    /// <summary>How often its sessions with a neighbour were established.</summary>
    public int SessionCount(string address) => Neighbor(address).GetProperty("connectionsEstablished").GetInt32();

    /// <summary>Its BGP paths to a prefix.</summary>
    public IReadOnlyList<FrrPath> Paths(string prefix) =>
        FrrPath.Read(Run($"show bgp {(prefix.Contains(':') ? "ipv6" : "ipv4")} unicast {prefix} json"));

    /// <summary>Its BGP path to a prefix; null when there is none or several.</summary>
    public FrrPath? PathTo(string prefix) => Paths(prefix) is [var path] ? path : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, daemon) in _daemons)
        {
            if (!daemon.HasExited)
                daemon.Kill();
            daemon.WaitForExit();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private void Start(string daemon)
    {
        string[] arguments =
        [
            "-f", Path.Combine(_directory, "empty.conf"), "-i", Path.Combine(_directory, $"{daemon}.pid"),
            "-z", Path.Combine(_directory, "zserv.api"), "--vty_socket", _directory, "-A", "127.0.0.1", "-P", "0", "-u", "frr", "-g", "frr",
            "--log", "stdout",
        ];
        if (daemon == "bfdd")
            arguments = [.. arguments, "--bfdctl", Path.Combine(_directory, "bfdd.sock")];
        _daemons.Add(daemon, _lan.Start(_host, $"{_name}-{daemon}", $"/usr/lib/frr/{daemon}", arguments));
        _lan.Until($"{daemon} answers", () =>
            Tool.Try("vtysh", "--vty_socket", _directory, "--config_dir", _directory, "-d", daemon, "-c", "show version").ExitCode == 0);
    }
}
