using System;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Config;
using FerroLB.Core.Nodes;
using FerroLB.Core.Placement;
using FerroLB.Core.Status;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Bgp;

namespace FerroLB.Interop.Bgp;

/// <summary>The whole of a speaker's BGP on a host of a <see cref="TestLan"/>, from wishes to connections: one peer, to which prefixes are
/// advertised as those of Services are.</summary>
internal sealed class BgpStation : IDisposable
{
    private readonly TestLan _lan;
    private readonly BgpLoop _loop;
    private readonly ConcurrentDictionary<string, double> _metrics = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<LogEvent> _logs = new();
    private volatile BgpReport _report = new([]);

    /// <summary>Begins to speak with the peer.</summary>
    /// <param name="lan">The LAN.</param>
    /// <param name="host">The host that it speaks from, with the addresses that it has on eth0.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="terms">What is said with every prefix.</param>
    /// <param name="prefixes">The prefixes.</param>
    public BgpStation(TestLan lan, string host, PeerConfig peer, BgpAdvertisementConfig terms, params string[] prefixes)
    {
        _lan = lan;
        _loop = new(new Core.Nodes.BgpNode(host, 1), Take);
        NamespaceThread.Run(lan.NamespaceOf(host), () =>
        {
            _loop.Start();
            return 0;
        });
        _loop.Command(new BgpCommand.UseLinks([LinkOf(lan, host)]));
        _loop.Command(new BgpCommand.AdvertiseServices([new(
            new ObjectKey("default", "web"), [.. prefixes.Select(prefix => new BgpContribution(IpPrefix.Parse(prefix), terms))])]));
        _loop.Command(new BgpCommand.HoldSessions([new(peer, null)]));
    }

    /// <summary>The session as it was reported last; null before the first report.</summary>
    public BgpSessionView? Session => _report.Sessions.FirstOrDefault();

    /// <summary>What was logged when the session was established last.</summary>
    public LogEvent Established => _logs.Last(line => line.Message == "BGP session established");

    /// <summary>How often a session was established.</summary>
    public int SessionCount => _logs.Count(line => line.Message == "BGP session established");

    /// <summary>A counter of the session, without its prefix.</summary>
    public double Count(string name) => _metrics.TryGetValue($"metallb_bgp_{name}", out var count) ? count : 0;

    /// <summary>Waits until the session is in a state.</summary>
    public void UntilState(BgpSessionState state)
    {
        try
        {
            _lan.Until($"the session is {state}", () => Session?.State == state);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{Session}\n{e.Message}", e);
        }
    }

    /// <summary>Takes leave of the peer.</summary>
    public void ShutDown()
    {
        _loop.Command(new BgpCommand.ShutDown());
        _lan.Until("the peer was taken leave of", () => _loop.Completion.IsCompleted);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop.Dispose();
        _loop.Completion.Wait(TimeSpan.FromSeconds(60));
    }

    private void Take(BgpNodeOutput output)
    {
        switch (output)
        {
            case BgpNodeOutput.Report told:
                _report = told.Sessions;
                break;
            case BgpNodeOutput.WriteLog line:
                _logs.Enqueue(line.Event);
                break;
            case BgpNodeOutput.ChangeMetric { Change: { Operation: MetricOperation.Add } change }:
                _metrics.AddOrUpdate(change.Name, change.Value, (_, before) => before + change.Value);
                break;
        }
    }

    private static LinkState LinkOf(TestLan lan, string host)
    {
        var lines = lan.Ip(host, "-o addr show dev eth0").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var entries = lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/'))
            .Select(parts => new LinkAddress(IpAddress.Parse(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture)));
        var index = int.Parse(lines[0].Split(':')[0], CultureInfo.InvariantCulture);
        return new(index, "eth0", default) { IsUp = true, HasCarrier = true, Addresses = entries.ToImmutableArray() };
    }
}
