using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;

namespace FerroLB.Interop.Lan;

/// <summary>
/// A LAN of network namespaces: one bridge, and hosts with an interface eth0 each. Nothing of it is reachable from outside, so every LAN
/// uses the same addresses, 10.98.0.0/16, the bridge being 10.98.0.1. A second LAN, 10.99.0.0/16, can be added, on which they have an
/// interface eth1. Disposing kills the processes that were started on it and removes everything.
/// </summary>
internal sealed class TestLan : IDisposable
{
    private static int _count;

    private readonly string _prefix;
    private readonly List<string> _hosts = [];
    private readonly List<Process> _processes = [];

    /// <summary>Creates the LAN with hosts; the first has the address 10.98.0.2, and so on.</summary>
    public TestLan(params string[] hosts)
    {
        _prefix = string.Create(CultureInfo.InvariantCulture, $"flb-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        Directory = System.IO.Directory.CreateTempSubdirectory("flb-lan-").FullName;
        AddNamespace("lan");
        Ip("lan", "link add br0 type bridge");
        Ip("lan", "addr add 10.98.0.1/16 dev br0");
        Ip("lan", "link set br0 up");
        foreach (var host in hosts)
            AddHost(host);
    }

    /// <summary>Adds the second LAN: every host gets an interface eth1 with the address 10.99.0.N for its 10.98.0.N.</summary>
    public void AddSecondLan()
    {
        Ip("lan", "link add br1 type bridge");
        Ip("lan", "addr add 10.99.0.1/16 dev br1");
        Ip("lan", "link set br1 up");
        for (var number = 1; number < _hosts.Count; number++)
            Connect(_hosts[number], "eth1", "q", "br1", string.Create(CultureInfo.InvariantCulture, $"10.99.0.{number + 1}/16"));
    }

    /// <summary>Lets two hosts reach each other only by way of a third, or of "lan", with a second LAN behind it: the near one keeps
    /// 10.98.0.N, the far one 10.99.0.N.</summary>
    public void PutBeyond(string router, string near, string far)
    {
        AddSecondLan();
        Ip(near, "link del eth1");
        Ip(far, "link del eth0");
        var number = string.Create(CultureInfo.InvariantCulture, $"{_hosts.IndexOf(router) + 1}");
        Ip(near, $"route add 10.99.0.0/16 via 10.98.0.{number}");
        Ip(far, $"route add 10.98.0.0/16 via 10.99.0.{number}");
        Try(router, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
    }

    /// <summary>For files; removed at the end.</summary>
    public string Directory { get; }

    /// <summary>The name of a host's namespace; "lan" is the bridge's.</summary>
    public string NamespaceOf(string host) => $"{_prefix}-{host}";

    /// <summary>Runs `ip` in a host's namespace; what it answers, without its complaints about namespaces of others that are being
    /// made meanwhile.</summary>
    public string Ip(string host, string arguments) =>
        Tool.Read("ip", ["-n", NamespaceOf(host), .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    /// <summary>Runs a command on a host to its end.</summary>
    public (int ExitCode, string Output) Try(string host, string file, params string[] arguments) =>
        Tool.Try("ip", ["netns", "exec", NamespaceOf(host), file, .. arguments]);

    /// <summary>Starts a process on a host, its output in {name}.log.</summary>
    public Process Start(string host, string name, string file, params string[] arguments)
    {
        var process = Tool.Start(LogFile(name), "ip", ["netns", "exec", NamespaceOf(host), file, .. arguments]);
        _processes.Add(process);
        return process;
    }

    /// <summary>What a process has written so far.</summary>
    public string LogOf(string name) => File.Exists(LogFile(name)) ? File.ReadAllText(LogFile(name)) : "";

    /// <summary>The MAC addresses that answer ARP for an address, one per answer, to `arping` from a host.</summary>
    public string[] ArpAnswers(string fromHost, string address, int requests = 2, string device = "eth0")
    {
        var count = requests.ToString(CultureInfo.InvariantCulture);
        var (_, output) = Try(fromHost, "arping", "-b", "-c", count, "-w", count, "-I", device, address);
        return [.. output.Split('\n').Where(l => l.Contains("reply from", StringComparison.Ordinal)).Select(l => l.Split('[', ']')[1])];
    }

    /// <summary>
    /// The MAC address that a host's own neighbour discovery finds for an IPv6 address of its subnet, in upper case; "" when there is none.
    /// </summary>
    public string NeighborOf(string fromHost, string address)
    {
        Ip(fromHost, "-6 neigh flush dev eth0");
        Try(fromHost, "bash", "-c", $"echo > /dev/udp/{address}/9");
        var state = "";
        Until($"{fromHost} knows whether {address} is there", () =>
        {
            state = Ip(fromHost, $"-6 neigh show {address} dev eth0");
            return state.Contains("lladdr", StringComparison.Ordinal) || state.Contains("FAILED", StringComparison.Ordinal);
        });
        return state.Contains("lladdr ", StringComparison.Ordinal) ? state.Split("lladdr ")[1].Split(' ')[0].ToUpperInvariant() : "";
    }

    /// <summary>The kernel's number of a host's interface.</summary>
    public int IndexOf(string host, string device = "eth0") =>
        int.Parse(Ip(host, $"-o link show dev {device}").Split(':')[0], CultureInfo.InvariantCulture);

    /// <summary>The MAC address of a host's interface, in arping's upper case.</summary>
    public string MacOf(string host, string device = "eth0") =>
        Ip(host, $"-o link show dev {device}").Split("link/ether ")[1].Split(' ')[0].ToUpperInvariant();

    /// <summary>Waits until a condition holds; throws with the words and all logs when it does not within the limit.</summary>
    public void Until(string what, Func<bool> condition, int limitSeconds = 60)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed.TotalSeconds > limitSeconds)
                throw new TimeoutException($"not within {limitSeconds} s: {what}\n{AllLogs()}");
            using var pause = new ManualResetEventSlim();
            pause.Wait(50);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        foreach (var host in _hosts)
            Tool.Try("ip", "netns", "del", NamespaceOf(host));
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void AddHost(string host)
    {
        AddNamespace(host);
        Connect(host, "eth0", "p", "br0", string.Create(CultureInfo.InvariantCulture, $"10.98.0.{_hosts.Count}/16"));
    }

    private void Connect(string host, string device, string port, string bridge, string address)
    {
        Ip("lan", $"link add {port}-{host} type veth peer name {device} netns {NamespaceOf(host)}");
        Ip("lan", $"link set {port}-{host} master {bridge} up");
        Ip(host, $"addr add {address} dev {device}");
        Ip(host, $"link set {device} up");
    }

    private void AddNamespace(string host)
    {
        Tool.Try("ip", "netns", "del", NamespaceOf(host));
        Tool.Run("ip", "netns", "add", NamespaceOf(host));
        _hosts.Add(host);
        Ip(host, "link set lo up");
    }

    private string LogFile(string name) => Path.Combine(Directory, name + ".log");

    private string AllLogs() => string.Join('\n', System.IO.Directory.GetFiles(Directory, "*.log").Select(file =>
        $"--- {Path.GetFileName(file)}\n{string.Join('\n', File.ReadLines(file).TakeLast(30))}"));
}
