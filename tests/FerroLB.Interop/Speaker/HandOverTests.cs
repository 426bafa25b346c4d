using System;
using System.Diagnostics;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>Addresses move between real speakers, and a client asks all the time.</summary>
public sealed class HandOverTests : IDisposable
{
    private const string Excluded = "node.kubernetes.io/exclude-from-external-load-balancers";
    private const int MostAttempts = 5;
    private static readonly string[] Nodes = ["node-1", "node-2"];

    private readonly TestLan _lan = new(["client", "stranger", .. Nodes]);
    private readonly TestCluster _cluster;

    public HandOverTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void A_planned_move_leaves_no_question_without_an_answer()
    {
        Prepare();
        foreach (var node in Nodes)
            _cluster.StartSpeaker(node);
        var address = AddressOf("web");
        var owner = OwnerOf(address);
        using var prober = new ArpProber(_lan, "client", address);
        var (isHeard, isHeardBack) = (false, false);
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            // Away and back again; a machine too busy to make the move within a second may try once more.
            var begin = Begin(prober);
            var other = Other(owner);
            _cluster.Kubectl("label", "node", owner, $"{Excluded}=");
            isHeard |= AwaitMove(prober, begin, owner, other);
            var back = Begin(prober);
            _cluster.Kubectl("label", "node", owner, $"{Excluded}-");
            isHeardBack |= AwaitMove(prober, back, other, owner);
            if (isHeard && isHeardBack)
                return;
        }
        Assert.Fail($"in {MostAttempts} attempts no owner was heard in time\n{_lan.LogOf("speaker-node-1")}");
    }

    [Fact]
    public void A_speaker_that_is_told_to_end_answers_until_another_does_and_gets_its_addresses_back_when_it_returns()
    {
        Prepare();
        foreach (var node in Nodes)
            _cluster.AddSpeakerPod(node, AddressOfNode(node));
        var speakers = Nodes.ToDictionary(node => node, StartMember);
        var address = AddressOf("web");
        var owner = OwnerOf(address);
        foreach (var node in Nodes)
            _lan.Until($"{node} met the other", () => Lines(node, "a speaker joined") == 1);
        using var prober = new ArpProber(_lan, "client", address);
        var (isHeard, isHeardBack) = (false, false);
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var begin = Begin(prober);
            Tool.Run("/bin/sh", "-c", $"kill -TERM {speakers[owner].Id}");
            isHeard |= AwaitMove(prober, begin, owner, Other(owner));
            Assert.True(speakers[owner].WaitForExit(TimeSpan.FromSeconds(30)));
            Assert.Equal(0, speakers[owner].ExitCode);
            var back = Begin(prober);
            speakers[owner] = StartMember(owner);
            isHeardBack |= AwaitMove(prober, back, Other(owner), owner);
            if (isHeard && isHeardBack)
                return;
        }
        Assert.Fail($"in {MostAttempts} attempts no owner was heard in time\n{_lan.LogOf($"speaker-{owner}")}");
    }

    [Fact]
    public void The_only_speaker_ends_without_waiting_for_another()
    {
        Prepare();
        _cluster.AddSpeakerPod("node-1", AddressOfNode("node-1"));
        var speaker = StartMember("node-1");
        var address = AddressOf("web");
        Assert.Equal("node-1", OwnerOf(address));
        Tool.Run("/bin/sh", "-c", $"kill -TERM {speaker.Id}");
        Assert.True(speaker.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, speaker.ExitCode);
        Assert.Equal(0, Lines("node-1", "another node announces the address from now on; answering for it until that node is heard"));
        Assert.Empty(_lan.ArpAnswers("client", address, 1));
    }

    [Fact]
    public void A_host_that_claims_an_announced_address_is_told_better_and_named_on_the_Service()
    {
        Prepare();
        foreach (var node in Nodes)
            _cluster.StartSpeaker(node);
        var address = AddressOf("web");
        var owner = OwnerOf(address);
        _lan.Ip("stranger", $"addr add {address}/32 dev eth0");
        _lan.Ip("client", $"neigh replace {address} dev eth0 lladdr {_lan.MacOf(owner)} nud stale");
        _lan.Until("the Service has an event that names the host", () =>
        {
            _lan.Try("stranger", "arping", "-A", "-c", "1", "-w", "1", "-I", "eth0", address);
            return Conflicts().Contains(_lan.MacOf("stranger"), StringComparison.OrdinalIgnoreCase);
        });
        Assert.Contains(address, Conflicts(), StringComparison.Ordinal);
        Assert.StartsWith("Warning web ", Conflicts(), StringComparison.Ordinal);
        Assert.Contains("eth0", Conflicts(), StringComparison.Ordinal);
        _lan.Until("the client believes the owner again", () =>
            _lan.Ip("client", $"neigh show {address} dev eth0").Contains(_lan.MacOf(owner), StringComparison.OrdinalIgnoreCase));
        Assert.Equal(1, Lines(owner, ConflictLine));
        Assert.Equal(0, Lines(Other(owner), ConflictLine));
        Assert.Single(Conflicts().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private const string ConflictLine =
        "another host claims an address that this node announces; find the host by its MAC and take the address from it, or take the " +
        "address out of the pool";

    private static string Other(string node) => Nodes.Single(other => other != node);

    private static string AddressOfNode(string node) => $"10.98.0.{4 + Array.IndexOf(Nodes, node)}";

    private void Prepare()
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        foreach (var node in Nodes)
            _cluster.AddNode(node);
        _cluster.AddPool("10.98.1.0/24");
        _cluster.AddServices("web");
        _cluster.StartController();
    }

    private Process StartMember(string node) =>
        _cluster.StartSpeaker(node, "--ml-bindaddr", AddressOfNode(node), "--ml-labels", "component=speaker");

    private string AddressOf(string service)
    {
        _lan.Until($"{service} has an address", () => _cluster.AddressOf(service).Length > 0);
        return _cluster.AddressOf(service);
    }

    private string OwnerOf(string address)
    {
        string[] answers = [];
        _lan.Until("one node answers", () => (answers = [.. _lan.ArpAnswers("client", address, 2).Distinct()]).Length == 1);
        return Nodes.Single(node => _lan.MacOf(node) == answers[0]);
    }

    private Phase Begin(ArpProber prober)
    {
        var first = prober.Asked;
        _lan.Until("the questions of now are answered", () => prober.Unanswered(first, first + 1).Length == 0);
        return new(first, prober.Heard.Count, Nodes.Sum(node => Lines(node, NewOwnerHeard)));
    }

    /// <summary>
    /// Waits until the new owner alone answers. Whether the old one heard it in time and did not contradict it before it knew of the move,
    /// as happens on a machine that is too busy; then every question since the beginning was answered.
    /// </summary>
    private bool AwaitMove(ArpProber prober, Phase begin, string from, string to)
    {
        var (oldMac, newMac) = (Mac(from), Mac(to));
        _lan.Until($"{to} alone answers", () =>
        {
            var latest = prober.Heard.TakeLast(40).ToArray();
            return prober.Heard.Count > begin.Heard + 40 && latest.All(claim => claim.Mac == newMac);
        });
        if (Nodes.Sum(node => Lines(node, NewOwnerHeard)) == begin.HandOvers)
            return false;
        var last = prober.Asked;
        _lan.Until("every question was answered", () => prober.Unanswered(begin.Question, last).Length == 0);
        var heard = prober.Heard.Skip(begin.Heard).ToList();
        var announced = heard.FindIndex(claim => claim.Mac == newMac && claim.Question is null);
        Assert.True(announced >= 0);
        return !heard.Skip(announced).Any(claim => claim.Mac == oldMac && claim.Question is null);
    }

    private MacAddress Mac(string node) =>
        MacAddress.TryParse(_lan.MacOf(node), out var mac) ? mac : throw new InvalidOperationException($"{node} has no MAC address");

    private int Lines(string node, string message) =>
        _lan.LogOf($"speaker-{node}").Split('\n').Count(line => line.Contains($"\"{message}\"", StringComparison.Ordinal));

    private string Conflicts() => _cluster.Kubectl(
        "get", "events", "-o",
        "jsonpath={range .items[?(@.reason==\"addressConflict\")]}{.type} {.involvedObject.name} {.message}{\"\\n\"}{end}");

    private const string NewOwnerHeard = "no longer answering for the address: its new owner was heard";

    private sealed record Phase(int Question, int Heard, int HandOvers);
}
