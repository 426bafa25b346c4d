using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Protocols.Gossip.Wire;
using Xunit;

namespace FerroLB.Interop.Gossip;

/// <summary>Debian's serf has HashiCorp's memberlist inside: what it thinks of us is what MetalLB's speakers would think.</summary>
public sealed class SerfTests : IDisposable
{
    private const string KeyText = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    // serf refuses members that do not speak versions 2 to 5 of its own protocol above memberlist.
    private static readonly GossipVersions Versions = new(1, 5, 2, 2, 5, 5);

    private readonly TestLan _lan = new("serf1", "serf2", "us");
    private readonly GossipKey _key = new(Convert.FromBase64String(KeyText));

    public void Dispose()
    {
        _lan.Dispose();
        _key.Dispose();
    }

    [Theory]
    [InlineData(true, false, 6)]
    [InlineData(false, false, 6)]
    [InlineData(true, true, 20)]
    public void Serf_sees_us_join_stay_and_leave_and_we_see_it(bool compresses, bool isSealed, int probes)
    {
        var agent = StartSerfs(compresses, isSealed);
        using var us = Member(isSealed, config => config with
        {
            Tuning = config.Tuning with { EnableCompression = compresses },
            Meta = "data of ours"u8.ToArray(),
        });
        us.Join("10.98.0.2");
        _lan.Until("both serfs see us", () => StatusOf("serf1", "us") == "alive" && StatusOf("serf2", "us") == "alive");
        _lan.Until("we see both", () => us.StateOf("serf1") == GossipMemberState.Alive && us.StateOf("serf2") == GossipMemberState.Alive);
        Assert.Equal(new GossipOutput.JoinEnded(1, []), us.Told.OfType<GossipOutput.JoinEnded>().Single() with { Failures = [] });

        StayCalm(us, probes);
        Assert.Equal("alive", StatusOf("serf2", "us"));
        us.Tell(new GossipInput.LeaveRequested());
        // serf calls it a failure unless serf's own farewell came first; memberlist inside it knows better, and at once, without a
        // suspicion.
        _lan.Until("both serfs saw us leave", () => StatusOf("serf1", "us") == "failed" && StatusOf("serf2", "us") == "failed", 10);
        Assert.Equal(GossipMemberState.Left, PictureOf("10.98.0.2", isSealed)["us"]);
        Assert.Equal(GossipMemberState.Left, PictureOf("10.98.0.3", isSealed)["us"]);
        Assert.DoesNotContain("Suspect us", _lan.LogOf("serf1") + _lan.LogOf("serf2"), StringComparison.Ordinal);
        _lan.Until("we are done", () => us.Told.Any(told => told is GossipOutput.LeaveEnded));
        Assert.False(agent.HasExited);
    }

    [Fact]
    public void Serf_sees_us_die_and_come_back()
    {
        StartSerfs(compresses: true, isSealed: false);
        using (var us = Member(isSealed: false))
        {
            us.Join("10.98.0.2", "10.98.0.3");
            _lan.Until("both serfs see us", () => StatusOf("serf1", "us") == "alive" && StatusOf("serf2", "us") == "alive");
        }
        _lan.Until("both serfs saw us die", () => StatusOf("serf1", "us") == "failed" && StatusOf("serf2", "us") == "failed");
        Assert.Equal(GossipMemberState.Dead, PictureOf("10.98.0.2", isSealed: false)["us"]);
        using var again = Member(isSealed: false);
        again.Join("10.98.0.3");
        _lan.Until("both serfs see us again", () => StatusOf("serf1", "us") == "alive" && StatusOf("serf2", "us") == "alive");
        _lan.Until("we said that we are not dead", () => again.Snapshot.Members.Single(member => member.Name == "us").Incarnation > 1);
    }

    [Fact]
    public void We_see_serf_leave_die_and_change()
    {
        var victim = StartSerfs(compresses: true, isSealed: true);
        using var us = Member(isSealed: true);
        us.Join("10.98.0.2");
        _lan.Until("we see both", () => us.StateOf("serf1") == GossipMemberState.Alive && us.StateOf("serf2") == GossipMemberState.Alive);
        Serf("serf2", "tags", "-set", "colour=green");
        _lan.Until("we see serf's new data", () => us.Told.OfType<GossipOutput.MemberUpdated>().Any(told => told.Member.Name == "serf2"));
        victim.Kill();
        _lan.Until("we saw serf die", () => us.StateOf("serf1") == GossipMemberState.Dead);
        Assert.Contains(us.Told, told => told is GossipOutput.MemberSuspected { Member.Name: "serf1" });
        Serf("serf2", "leave");
        _lan.Until("we saw serf leave", () => us.StateOf("serf2") == GossipMemberState.Left);
    }

    [Fact]
    public void A_serf_with_another_key_or_none_gets_nowhere()
    {
        StartSerf("serf1", "-encrypt=" + KeyText);
        StartSerf("serf2", "-encrypt=//////////////////////////////////////////8=");
        using var us = Member(isSealed: true);
        us.Join("10.98.0.3");
        _lan.Until("our join of a stranger failed", () => us.Told.OfType<GossipOutput.JoinEnded>().Any(ended => ended.Joined == 0));
        Assert.NotEqual(0, TrySerf("serf2", "join", "10.98.0.4").ExitCode);
        Assert.True(us.Refused > 0);
        Assert.Equal(["us"], us.Snapshot.Members.Select(member => member.Name));
        us.Join("10.98.0.2");
        _lan.Until("we see the one with our key", () => us.StateOf("serf1") == GossipMemberState.Alive);
        Assert.True(us.Runs);
    }

    [Fact]
    public void Large_pictures_pass_both_ways()
    {
        // Enough members with enough data that the compressor's table fills up several times on either side.
        var hosts = Enumerable.Range(0, 40).Select(i => $"10.98.1.{i + 1}").ToArray();
        foreach (var address in hosts)
            _lan.Ip("us", $"addr add {address}/16 dev eth0");
        StartSerfs(compresses: true, isSealed: false);
        var members = hosts.Select((address, i) => new TestMember(_lan, "us", $"m{i}", address, new("", []), config => config with
        {
            Versions = Versions,
            Meta = Enumerable.Range(0, 400).Select(octet => unchecked((byte)(octet * (i + 3) * 41 >> 3))).ToArray(),
        })).ToArray();
        try
        {
            foreach (var member in members)
                member.Join("10.98.0.2");
            _lan.Until("serf sees all", () => Serf("serf2", "members").Split(" alive ").Length == 43);
            _lan.Until("all see all", () => members.All(member => member.Snapshot.Members.Count(m => m.IsPresent) == 42));
            using var late = Member(isSealed: false);
            late.Join("10.98.0.3");
            _lan.Until("one exchange tells a newcomer everything", () => late.Snapshot.Members.Length == 43, 10);
        }
        finally
        {
            foreach (var member in members)
                member.Dispose();
        }
    }

    // So many probe intervals of everybody without a suspicion, a failed probe or a misunderstanding.
    private void StayCalm(TestMember us, int probes)
    {
        var before = us.Snapshot.Counts;
        using var time = new ManualResetEventSlim();
        time.Wait(ProbeInterval * probes, TestContext.Current.CancellationToken);
        var counts = us.Snapshot.Counts;
        Assert.Equal(0, counts.PartsRefused);
        Assert.Equal(0, us.Refused);
        Assert.Equal(0, counts.ProbesFailed);
        Assert.Equal(0, counts.Refutations);
        Assert.True(counts.DatagramsSent - before.DatagramsSent >= probes, $"{counts}");
        Assert.True(us.Runs);
        foreach (var log in new[] { "serf1", "serf2" }.Select(_lan.LogOf))
        {
            Assert.DoesNotContain("[ERR]", log, StringComparison.Ordinal);
            Assert.DoesNotContain("[WARN]", log, StringComparison.Ordinal);
            Assert.DoesNotContain("Suspect us", log, StringComparison.Ordinal);
        }
    }

    private SortedDictionary<string, GossipMemberState> PictureOf(string address, bool isSealed) =>
        GossipPicture.Ask(_lan, "us", address, Envelope(isSealed));

    private GossipEnvelope Envelope(bool isSealed) => new("", isSealed ? [_key] : []);

    private TestMember Member(bool isSealed, Func<GossipConfig, GossipConfig>? change = null) => new(
        _lan,
        "us",
        "us",
        "10.98.0.4",
        Envelope(isSealed),
        config => (change?.Invoke(config) ?? config) with { Versions = Versions });

    private Process StartSerfs(bool compresses, bool isSealed)
    {
        var flags = new[] { compresses ? "" : "-disable-compression", isSealed ? "-encrypt=" + KeyText : "" }
            .Where(flag => flag.Length > 0).ToArray();
        var first = StartSerf("serf1", flags);
        StartSerf("serf2", flags);
        Serf("serf2", "join", "10.98.0.2");
        return first;
    }

    private Process StartSerf(string host, params string[] flags)
    {
        var address = host == "serf1" ? "10.98.0.2" : "10.98.0.3";
        var process = _lan.Start(
            host, host, "serf",
            ["agent", $"-node={host}", $"-bind={address}:7946", "-rpc-addr=127.0.0.1:7373", "-log-level=debug", .. flags]);
        _lan.Until($"{host} runs", () => TrySerf(host, "members").ExitCode == 0);
        return process;
    }

    private string StatusOf(string askedHost, string member) =>
        Serf(askedHost, "members").Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(words => words.Length > 2 && words[0] == member)?[2] ?? "";

    private string Serf(string host, params string[] arguments)
    {
        var (exitCode, output) = TrySerf(host, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"serf {string.Join(' ', arguments)}: {output}");
    }

    private (int ExitCode, string Output) TrySerf(string host, params string[] arguments) => _lan.Try(host, "serf", arguments);
}
