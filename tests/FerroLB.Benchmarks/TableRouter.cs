using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;

namespace FerroLB.Benchmarks;

/// <summary>
/// A routing daemon that learns addresses from one sink, which feeds it, and tells them another. It waits for both to connect, installs
/// nothing in the kernel, and is otherwise as its users would have it.
/// </summary>
internal sealed class TableRouter : IDisposable
{
    private const uint Asn = 65003;

    private readonly TestLan _lan;
    private readonly string _host;
    private readonly IDisposable? _owner;
    private readonly Func<string> _count;

    /// <summary>Starts a daemon.</summary>
    /// <param name="kind">FRR, BIRD or GoBGP.</param>
    /// <param name="lan">The LAN.</param>
    /// <param name="host">The host to run on.</param>
    /// <param name="address">Its address.</param>
    /// <param name="sink">The address of the one that is told.</param>
    /// <param name="feed">The address of the one that tells.</param>
    public TableRouter(string kind, TestLan lan, string host, string address, string sink, (string Address, uint Asn) feed)
    {
        (Kind, _lan, _host, Address) = (kind, lan, host, address);
        switch (kind)
        {
            case "FRR":
                var frr = new FrrRouter(lan, host, Frr(address, sink, feed), "bgpd");
                (_owner, Process) = (frr, frr.Daemon("bgpd"));
                _count = () => frr.Show("show bgp ipv4 unicast summary json")
                    .GetProperty("peers").GetProperty(feed.Address).GetProperty("pfxRcd").GetRawText();
                break;
            case "BIRD":
                var bird = new BirdRouter(lan, host, Bird(address, sink, feed));
                (_owner, Process) = (bird, bird.Process);
                _count = () => bird.Run("show", "route", "count").Split('\n').First(line => line.Contains(" of ", StringComparison.Ordinal))
                    .Split(' ')[0];
                break;
            default:
                var file = System.IO.Path.Combine(lan.Directory, "gobgp.conf");
                System.IO.File.WriteAllText(file, GoBgp(address, sink, feed));
                Process = lan.Start(host, "gobgp", "gobgpd", "-t", "toml", "-f", file, "--api-hosts", "127.0.0.1:50051", "--pprof-disable");
                lan.Until("gobgpd answers", () => lan.Try(host, "gobgp", "neighbor").ExitCode == 0);
                _count = () => lan.Try(host, "gobgp", "global", "rib", "summary").Output
                    .Split("Destination: ")[^1].Split(',')[0];
                break;
        }
    }

    /// <summary>Which daemon it is.</summary>
    public string Kind { get; }

    /// <summary>Its address.</summary>
    public string Address { get; }

    /// <summary>The process that speaks BGP.</summary>
    public Process Process { get; }

    /// <summary>Waits until it knows so many addresses.</summary>
    public void UntilKnows(int count) => _lan.Until(
        $"{Kind} on {_host} knows {count} addresses", () => int.Parse(_count(), CultureInfo.InvariantCulture) == count, 300);

    /// <inheritdoc/>
    public void Dispose()
    {
        _owner?.Dispose();
        if (!Process.HasExited)
            Process.Kill();
        Process.WaitForExit();
    }

    private static string Frr(string address, string sink, (string Address, uint Asn) feed) => $"""
        bgp no-rib
        router bgp {Asn}
         bgp router-id {address}
         no bgp ebgp-requires-policy
         neighbor {sink} remote-as {BgpSink.Asn}
         neighbor {sink} passive
         neighbor {feed.Address} remote-as {feed.Asn}
         neighbor {feed.Address} passive
        exit
        """;

    private static string Bird(string address, string sink, (string Address, uint Asn) feed) => $$"""
        router id {{address}};
        protocol device { }
        protocol bgp sink {
          local {{address}} as {{Asn}};
          neighbor {{sink}} as {{BgpSink.Asn}};
          passive on; error wait time 1, 1;
          ipv4 { import none; export all; };
        }
        protocol bgp feed {
          local {{address}} as {{Asn}};
          neighbor {{feed.Address}} as {{feed.Asn}};
          passive on; error wait time 1, 1;
          ipv4 { import all; export none; };
        }
        """;

    private static string GoBgp(string address, string sink, (string Address, uint Asn) feed) => $"""
        [global.config]
          as = {Asn}
          router-id = "{address}"
        {Neighbor(sink, BgpSink.Asn)}
        {Neighbor(feed.Address, feed.Asn)}
        """;

    private static string Neighbor(string address, uint asn) => $"""
        [[neighbors]]
          [neighbors.config]
            neighbor-address = "{address}"
            peer-as = {asn}
          [neighbors.transport.config]
            passive-mode = true
          [neighbors.timers.config]
            idle-hold-time-after-reset = 1
          [[neighbors.afi-safis]]
            [neighbors.afi-safis.config]
              afi-safi-name = "ipv4-unicast"
        """;
}
