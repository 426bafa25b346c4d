using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using FerroLB.Protocols.Bgp.Rib;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Benchmarks;

/// <summary>
/// The part of P10 and P11 that is pure code: from what is desired to the octets of the UPDATEs. Processor time is counted (garbage
/// collection included), the best of several runs: what disturbs a run only ever adds to it.
/// </summary>
internal static class RibBenchmark
{
    private const int RunCount = 7;

    /// <summary>The sub-command.</summary>
    public static Command Command()
    {
        var command = new Command("rib", "P10, P11: milliseconds from desired routes to packed UPDATEs, pure code");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        var figures = new Figures("BGP, pure code");
        Table(figures, 10_000, "10");
        Table(figures, 100_000, "80");
        Changes(figures);
        Packing(figures);
        Reading();
        return figures.ExitCode;
    }

    /// <summary>A session comes up and the table is not built yet: desired set, difference and encoding together.</summary>
    private static void Table(Figures figures, int count, string goal)
    {
        var routes = Routes(count, new() { Communities = [BgpCommunity.Of(64512, 100)] });
        var buffer = new byte[BgpFramer.MostBytes];
        var messages = 0;
        var build = Best(() => new AdjRibOut(), rib =>
        {
            rib.Apply(routes);
            rib.SessionUp(Session(false));
            messages = Drain(rib, buffer);
        });
        figures.Judge(
            $"{count:N0} prefixes, from nothing to {messages} UPDATEs", $"{build:F2} ms", $"<= {goal} ms", build <= double.Parse(goal));
        var again = Best(() => Filled(routes), rib =>
        {
            rib.SessionUp(Session(false));
            Drain(rib, buffer);
        });
        Figures.Show($"{count:N0} prefixes, a session comes up again", $"{again:F2} ms, {again * 1e6 / count:F0} ns per prefix");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var kept = Filled(routes);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        var each = bytes / kept.DesiredCount(AddressFamily.IPv4);
        Figures.Show($"{count:N0} prefixes, memory kept for one peer", $"{bytes / 1024.0 / 1024:F1} MiB, {each} B each");
    }

    /// <summary>Services that change while ten thousand are there.</summary>
    private static void Changes(Figures figures)
    {
        var routes = Routes(10_000, RouteTerms.Plain);
        var marked = new RouteTerms { Communities = [BgpCommunity.Of(64512, 100)] };
        var buffer = new byte[BgpFramer.MostBytes];
        foreach (var count in new[] { 1, 1000 })
        {
            RouteChange[] there = [.. routes.Take(count).Select(route => route with { Terms = marked })];
            RouteChange[] back = [.. routes.Take(count)];
            var rounds = count == 1 ? 10_000 : 20;
            var cost = Best(() => Connected(routes, buffer), rib =>
            {
                for (var i = 0; i < rounds; i++)
                {
                    rib.Apply(i % 2 == 0 ? there : back);
                    Drain(rib, buffer);
                }
            }) / rounds;
            figures.Judge($"{count:N0} of 10,000 prefixes changed", $"{cost * 1000:F1} us", "<= 1000 us", cost <= 1);
        }
    }

    private static void Packing(Figures figures)
    {
        var routes = Routes(26_000, new() { Communities = [BgpCommunity.Of(64512, 100)] });
        foreach (var (isExtended, goal) in new[] { (false, 800), (true, 13_000) })
        {
            var rib = Filled(routes);
            rib.SessionUp(Session(isExtended));
            var buffer = new byte[BgpFramer.MostExtendedBytes];
            var length = 0;
            // The mark of the other, empty family comes first.
            while (rib.SentCount(AddressFamily.IPv4) == 0)
                length = rib.WriteNext(buffer);
            var count = rib.SentCount(AddressFamily.IPv4);
            figures.Judge($"/32 prefixes in an UPDATE of {length} octets", $"{count:N0}", $">= {goal}", count >= goal);
        }
    }

    private static void Reading()
    {
        var buffer = new byte[BgpFramer.MostBytes];
        var rib = Connected([], buffer);
        rib.Apply(Routes(700, RouteTerms.Plain));
        var body = buffer.AsMemory(0, rib.WriteNext(buffer))[BgpFramer.HeaderBytes..];
        var context = Session(false).Negotiated.UpdateContext;
        long prefixes = 0;
        var cost = Best(() => body, octets =>
        {
            for (var i = 0; i < 1000; i++)
            {
                var update = BgpUpdate.Read(octets, context);
                foreach (var prefix in update.Announced)
                    prefixes += prefix.Length;
            }
        });
        Figures.Show("UPDATEs of 700 prefixes read, with every prefix", $"{cost * 1e6 / 700_000:F1} ns per prefix");
    }

    private static RouteChange[] Routes(int count, RouteTerms terms) =>
        [.. Enumerable.Range(0, count).Select(i => new RouteChange(new(IpAddress.V4(0x0A000000 + (uint)i), 32), terms))];

    private static AdjRibOut Filled(IEnumerable<RouteChange> routes)
    {
        var rib = new AdjRibOut();
        rib.Apply([.. routes]);
        return rib;
    }

    private static AdjRibOut Connected(IEnumerable<RouteChange> routes, byte[] buffer)
    {
        var rib = Filled(routes);
        rib.SessionUp(Session(false));
        Drain(rib, buffer);
        return rib;
    }

    private static RibSession Session(bool isExtended) => new()
    {
        Negotiated = new()
        {
            LocalAsn = 64512, PeerAsn = 64513, IPv4Unicast = true, IPv6Unicast = true, FourOctetAs = true, ExtendedMessages = isExtended,
        },
        IPv4NextHop = new(IpAddress.Parse("192.0.2.1")),
        IPv6NextHop = new(IpAddress.Parse("2001:db8::1")),
    };

    private static int Drain(AdjRibOut rib, byte[] buffer)
    {
        var messages = 0;
        while (rib.WriteNext(buffer) > 0)
            messages++;
        return messages;
    }

    /// <summary>The least processor time of several runs, in milliseconds.</summary>
    private static double Best<T>(Func<T> prepare, Action<T> run)
    {
        var best = double.MaxValue;
        for (var i = 0; i < RunCount; i++)
        {
            var subject = prepare();
            var start = Environment.CpuUsage.TotalTime;
            run(subject);
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalMilliseconds);
        }
        return best;
    }
}
