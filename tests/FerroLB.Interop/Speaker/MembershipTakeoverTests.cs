using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>Speakers that know of each other by the membership protocol, as processes on a LAN.</summary>
public sealed class MembershipTakeoverTests : IDisposable
{
    private const string Labels = "component=speaker";
    private static readonly string[] Nodes = ["node-1", "node-2", "node-3"];

    private readonly TestLan _lan = new(["client", .. Nodes]);
    private readonly TestCluster _cluster;

    public MembershipTakeoverTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "17946")]
    public void Addresses_move_when_a_speaker_dies_or_leaves(bool dies, string port)
    {
        Prepare();
        var speakers = Nodes.ToDictionary(node => node, node => StartSpeaker(node, null, "--ml-bindport", port));
        var address = Answered();
        var owner = OwnerOf(address);
        foreach (var node in Nodes)
            _lan.Until($"{node} met the others", () => Lines(node, "a speaker joined") == 2);
        Assert.All(Nodes, node => Assert.DoesNotContain("plain text", _lan.LogOf($"speaker-{node}"), StringComparison.Ordinal));

        Tool.Run("/bin/sh", "-c", $"kill -{(dies ? "KILL" : "TERM")} {speakers[owner].Id}");
        _lan.Until("another node answers", () => _lan.ArpAnswers("client", address, 1) is [var mac] && mac != _lan.MacOf(owner));
        foreach (var node in Nodes.Where(node => node != owner))
            _lan.Until($"{node} says so", () => Lines(node, dies ? "a speaker failed" : "a speaker left") == 1);
        Assert.True(speakers[owner].WaitForExit(TimeSpan.FromSeconds(10)));

        StartSpeaker(owner, null, "--ml-bindport", port);
        string[] twice = [_lan.MacOf(owner), _lan.MacOf(owner)];
        _lan.Until("the node has its address again", () => _lan.ArpAnswers("client", address, 2).SequenceEqual(twice));
    }

    [Fact]
    public void A_wrong_key_or_tuning_file_is_said_at_the_start()
    {
        Prepare();
        var missing = StartSpeaker("node-1", keyDirectory: "/nowhere");
        Assert.True(missing.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("/nowhere/secretkey", _lan.LogOf("speaker-node-1"), StringComparison.Ordinal);

        var file = Path.Combine(_lan.Directory, "config.json");
        File.WriteAllText(file, """{"ProbeInterval":"1s","ProbTimeout":"1s"}""");
        var mistyped = StartSpeaker("node-2", null, "--ml-tuning-file", file);
        Assert.True(mistyped.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, mistyped.ExitCode);
        Assert.Contains("ProbTimeout: no such value", _lan.LogOf("speaker-node-2"), StringComparison.Ordinal);
    }

    private void Prepare()
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        foreach (var (node, index) in Nodes.Select((node, index) => (node, index)))
        {
            _cluster.AddNode(node);
            _cluster.AddSpeakerPod(node, $"10.98.0.{3 + index}");
        }
        File.WriteAllText(Path.Combine(_lan.Directory, "secretkey"), "c2VjcmV0c2VjcmV0c2VjcQ");
        _cluster.AddPool("10.98.1.0/24");
        _cluster.StartController();
        _cluster.AddServices("web");
    }

    private Process StartSpeaker(string node, string? keyDirectory = null, params string[] flags) => _cluster.StartSpeaker(
        node,
        [
            "--ml-bindaddr", $"10.98.0.{3 + Array.IndexOf(Nodes, node)}", "--ml-labels", Labels,
            "--ml-secret-key-path", keyDirectory ?? _lan.Directory, .. flags,
        ]);

    private string Answered()
    {
        var address = "";
        _lan.Until("the Service has an address", () => (address = _cluster.AddressOf("web")).Length > 0);
        _lan.Until("one node answers for it", () => _lan.ArpAnswers("client", address, 2).Distinct().Count() == 1);
        return address;
    }

    private string OwnerOf(string address)
    {
        var mac = _lan.ArpAnswers("client", address, 1)[0];
        return Nodes.Single(node => _lan.MacOf(node) == mac);
    }

    private int Lines(string node, string message) =>
        _lan.LogOf($"speaker-{node}").Split('\n').Count(line => line.Contains($"\"{message}\"", StringComparison.Ordinal));
}
