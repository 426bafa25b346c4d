using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Benchmarks;

/// <summary>
/// P8: replies of a speaker against those of the kernel's own responder on the same LAN in the same run. P8b: what three speakers cost the
/// LAN under a storm for an address that is not theirs, seen by the kernel responder's rate. By ARP and by NDP, with as many announced
/// addresses as wanted, which the speakers divide between them; for NDP also what their nodes' kernels cost the LAN without speakers, in a
/// group for nearly each address. Slices alternate, so that whatever else the machine does touches both sides; each ratio is that of the
/// medians.
/// </summary>
internal static class NeighborBenchmark
{
    private const int Outstanding = 16;
    private const int SliceCount = 12;
    private const int RoundTripCount = 5_000;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(700);

    /// <summary>The sub-command of a protocol, "arp" or "ndp".</summary>
    public static Command Command(string protocol)
    {
        var name = protocol.ToUpperInvariant();
        var command = new Command(
            protocol, $"P8, P8b: {name} replies against the kernel's own responder, and the cost of speakers to a LAN");
        var addresses = new Option<int>("--addresses")
        {
            Description = "How many addresses the speakers announce together.",
            DefaultValueFactory = _ => SpeakerLan.FewServices,
        };
        command.Options.Add(addresses);
        var family = protocol == "arp" ? AddressFamily.IPv4 : AddressFamily.IPv6;
        command.SetAction(arguments => Run(name, family, arguments.GetValue(addresses)));
        return command;
    }

    private static int Run(string name, AddressFamily family, int addresses)
    {
        using var scene = new SpeakerLan(family, addresses);
        var count = addresses.ToString("N0", CultureInfo.InvariantCulture);
        var figures = new Figures($"{name}, three speakers on the LAN, {count} announced addresses");
        var alone = new List<double>();
        var beside = new List<double>();
        var besideGroups = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            alone.AddRange(KernelRates(scene));
            var speakers = scene.StartSpeakers();
            beside.AddRange(KernelRates(scene));
            if (round == 0)
                JudgeReplies(scene, figures);
            SpeakerLan.Kill(speakers);
            if (family == AddressFamily.IPv4)
                continue;
            var groups = scene.JoinGroups();
            besideGroups.AddRange(KernelRates(scene));
            foreach (var memberships in groups)
                memberships.Dispose();
        }
        Figures.Show("kernel responder without speakers, replies/s", $"{Figures.Median(alone):N0}");
        Figures.Show("kernel responder beside three speakers, replies/s", $"{Figures.Median(beside):N0}");
        if (besideGroups.Count > 0)
            Figures.Show("the same without speakers, their nodes in as many groups, replies/s", $"{Figures.Median(besideGroups):N0}");
        var ratio = Figures.Median(beside) / Figures.Median(alone);
        figures.Judge("P8b: storm for a foreign address, ratio", $"{ratio:F2}", ">= 0.9", ratio >= 0.9);
        return figures.ExitCode;
    }

    private static List<double> KernelRates(SpeakerLan scene) => scene.WithLoad(load =>
    {
        load.Rate(scene.KernelAddress, Outstanding, Slice / 2);
        return Enumerable.Range(0, 4).Select(_ => load.Rate(scene.KernelAddress, Outstanding, Slice)).ToList();
    });

    private static void JudgeReplies(SpeakerLan scene, Figures figures)
    {
        var (kernel, speaker, kernelTimes, speakerTimes) = scene.WithLoad(load =>
        {
            var (kernelRates, speakerRates) = (new List<double>(), new List<double>());
            load.Rate(scene.Target, Outstanding, Slice * 2);
            for (var i = 0; i < SliceCount; i++)
            {
                kernelRates.Add(load.Rate(scene.KernelAddress, Outstanding, Slice));
                speakerRates.Add(load.Rate(scene.Target, Outstanding, Slice));
            }
            return (
                Figures.Median(kernelRates),
                Figures.Median(speakerRates),
                load.RoundTrips(scene.KernelAddress, RoundTripCount),
                load.RoundTrips(scene.Target, RoundTripCount));
        });
        Figures.Show($"kernel responder, {Outstanding} outstanding, replies/s", $"{kernel:N0}");
        Figures.Show($"speaker, {Outstanding} outstanding, replies/s", $"{speaker:N0}");
        figures.Judge("P8: ratio", $"{speaker / kernel:F2}", ">= 1.0", speaker >= kernel);
        Figures.Show("kernel responder, 1 outstanding, p50 / p99", Times(kernelTimes));
        figures.Judge("P8: speaker, 1 outstanding, p50 / p99", Times(speakerTimes), "p50 <= 100 us", At(speakerTimes, 50) <= 100);
    }

    private static string Times(List<double> times) => $"{At(times, 50):F0} / {At(times, 99):F0} us";

    private static double At(List<double> times, int percent) => times[times.Count * percent / 100];
}
