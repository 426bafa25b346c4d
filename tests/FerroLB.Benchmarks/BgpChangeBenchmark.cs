using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;

namespace FerroLB.Benchmarks;

/// <summary>
/// P11, P17, R8: what changes while 10,000 Services are advertised, until the router has read the UPDATE. The clock starts before the
/// request to the API server is sent, so that server and the watch are part of the figure. One Service more and one endpoint less or more
/// are measured one at a time; a thousand at once in two ways: by a thousand requests, 32 of which are in flight, and by one request that
/// changes the routes of a thousand. All the while the session must stay and an address on layer 2 that nobody touches must answer.
/// </summary>
internal static class BgpChangeBenchmark
{
    private const int WantedServices = 10_000;
    private const int Samples = 200;
    private const int Many = 1_000;
    private const int GroupRuns = 5;
    private const string RouterAddress = "10.98.0.3";
    private const string QuietAddress = "10.98.200.1";
    private const string AdvertisementsUrl = "apis/metallb.io/v1beta1/namespaces/metallb-system/bgpadvertisements";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(40);

    /// <summary>The sub-command.</summary>
    public static Command Command()
    {
        var services = new Option<int>("--services")
        {
            Description = "How many Services there are, a thousand at least", DefaultValueFactory = _ => WantedServices,
        };
        var command = new Command("bgp-change", "P11, P17, R8: changes with 10,000 Services advertised, until the UPDATE is on the wire")
            { services };
        command.SetAction(result => Run(result.GetValue(services)));
        return command;
    }

    private static int Run(int services)
    {
        using var scene = new BgpScene("router");
        using var sink = new BgpSink(scene.Lan, "router");
        using var frr = new FrrRouter(scene.Lan, "router", $"""
            bfd
             peer {BgpScene.NodeAddress} local-address {RouterAddress} interface eth0
              no shutdown
             exit
            exit
            """, "bfdd");
        Prepare(scene, services);
        sink.Listen();
        var figures = new Figures($"changes with {services:N0} Services advertised to one peer, with BFD");
        var speaker = scene.StartSpeaker();
        var session = sink.WaitForSession(Limit);
        if (session.WaitForKnown(services, Limit) is null)
            throw new TimeoutException($"the sink knows {session.Known}\n{scene.Lan.LogOf("speaker-node-1")}");
        scene.Lan.Until("BFD is up", () => frr.Show("show bfd peers json")[0].GetProperty("status").GetString() == "up");
        ControllerScene.Wait(Rest);
        var resident = ProcessUse.Megabytes(speaker, "VmRSS");
        figures.Judge("P17: resident memory of the speaker, largest it is at rest", $"{resident:F1} MB", "<= 90 MB", resident <= 90);
        Figures.Show("  of which anonymous", $"{ProcessUse.Megabytes(speaker, "RssAnon"):F1} MB");
        using (var prober = new ArpProber(scene.Lan, "router", QuietAddress))
        {
            ControllerScene.Wait(TimeSpan.FromSeconds(1));
            var before = session.Changes;
            Measure(scene, session, figures, services);
            var asked = prober.Asked;
            ControllerScene.Wait(TimeSpan.FromSeconds(1));
            var lost = prober.Unanswered(0, asked).Length;
            var resets = sink.Accepted - 1;
            figures.Judge($"R8: sessions begun anew in {session.Changes - before:N0} changes of routes", $"{resets}", "0", resets == 0);
            figures.Judge($"R8: {asked:N0} ARP questions for an untouched address that nobody answered", $"{lost}", "0", lost == 0);
        }
        return figures.ExitCode;
    }

    private static void Prepare(BgpScene scene, int services)
    {
        scene.CreateServices(0, services);
        scene.Assign(0, services);
        scene.CreateServices(services, Samples + Many);
        scene.Apply("IPAddressPool", "quiet", new { addresses = new[] { "10.98.200.0/24" } });
        scene.Apply("L2Advertisement", "quiet", new { ipAddressPools = new[] { "quiet" } });
        scene.Cluster.AddServices("quiet");
        scene.Send(HttpMethod.Patch, [(
            $"{ControllerScene.ServicesUrl}/quiet/status",
            $$"""{"status":{"loadBalancer":{"ingress":[{"ip":"{{QuietAddress}}"}]} } }""")]);
        scene.Apply("BGPAdvertisement", "group", new
        {
            communities = new[] { "65001:1" },
            serviceSelectors = new[]
            {
                new
                {
                    matchLabels = new SortedDictionary<string, string>(StringComparer.Ordinal)
                    {
                        [BgpScene.GroupLabel] = BgpScene.GroupOf(0),
                    },
                },
            },
        });
        scene.Apply("BFDProfile", "default", new { });
        scene.AddPeer(
            "router", new { myASN = BgpScene.NodeAsn, peerASN = BgpSink.Asn, peerAddress = RouterAddress, bfdProfile = "default" });
    }

    private static void Measure(BgpScene scene, BgpSinkSession session, Figures figures, int services)
    {
        var more = Enumerable.Range(services, Samples).Select(i => One(scene, session, BgpScene.Assignment(i)));
        Judge(figures, "P11: one Service more, p50 / p99 / worst", more);
        var endpoints = Enumerable.Range(0, Samples).Select(i => One(scene, session, BgpScene.Readiness(i / 2, i % 2 == 1)));
        Judge(figures, "P11: one endpoint less or more, p50 / p99 / worst", endpoints);
        var (total, lag) = Thousand(scene, session, services);
        figures.Judge($"P11: {Many:N0} Services more, after the API server's last answer", $"{lag:F0} ms", "<= 200 ms", lag <= 200);
        Figures.Show("  from the first request on", $"{total:F0} ms");
        var group = Enumerable.Range(2, GroupRuns).Select(value => Group(scene, session, value)).ToList();
        var median = Figures.Median(group);
        figures.Judge(
            $"P11: {Many:N0} routes changed by one request, median / worst", $"{median:F1} / {group.Max():F1} ms", "<= 200 ms",
            median <= 200);
    }

    private static void Judge(Figures figures, string what, IEnumerable<double> samples)
    {
        var sorted = samples.Order().ToList();
        var (p50, p99) = (sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100 - 1]);
        figures.Judge(what, $"{p50:F1} / {p99:F1} / {sorted[^1]:F1} ms", "<= 10 / 50 ms", p50 <= 10 && p99 <= 50);
    }

    private static double One(BgpScene scene, BgpSinkSession session, (string Url, string Body) request)
    {
        var target = session.Changes + 1;
        var start = Stopwatch.GetTimestamp();
        scene.Send(HttpMethod.Patch, [request]);
        return Milliseconds(start, session.WaitForChanges(target, Limit));
    }

    private static (double Total, double Lag) Thousand(BgpScene scene, BgpSinkSession session, int services)
    {
        var requests = Enumerable.Range(services + Samples, Many).Select(i => BgpScene.Assignment(i)).ToList();
        var target = session.Changes + Many;
        var start = Stopwatch.GetTimestamp();
        scene.Send(HttpMethod.Patch, requests);
        var answered = Stopwatch.GetTimestamp();
        var complete = session.WaitForChanges(target, Limit);
        return (Milliseconds(start, complete), Math.Max(0, Milliseconds(answered, complete)));
    }

    private static double Group(BgpScene scene, BgpSinkSession session, int value)
    {
        var body = string.Create(CultureInfo.InvariantCulture, $$"""{"spec":{"communities":["65001:{{value}}"]} }""");
        var target = session.Changes + Many;
        var start = Stopwatch.GetTimestamp();
        scene.Send(HttpMethod.Patch, [($"{AdvertisementsUrl}/group", body)]);
        return Milliseconds(start, session.WaitForChanges(target, Limit));
    }

    private static double Milliseconds(long start, long? end) =>
        end is { } at ? (at - start) * 1000.0 / Stopwatch.Frequency : throw new TimeoutException("the sink was not told");
}
