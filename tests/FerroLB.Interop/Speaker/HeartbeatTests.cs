using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>Heartbeats between real speakers: an owner that dies, one that stands still, one that sends none, and a forger.</summary>
public sealed class HeartbeatTests : IDisposable
{
    private const string Stopped = "the heartbeats of a speaker stopped";
    private const string TakenOver = "this node took the Service over from a silent one";
    private const string StoodStill =
        "this process stood still so long that others may have taken its addresses; it answers for none until that is known";

    private static readonly string[] Nodes = ["node-1", "node-2", "node-3"];

    private readonly TestLan _lan = new(["client", .. Nodes]);
    private readonly TestCluster _cluster;
    private readonly SortedDictionary<string, Process> _speakers = new(StringComparer.Ordinal);

    public HeartbeatTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void Heartbeats_notice_the_power_loss_of_an_owner_and_membership_that_of_one_that_sends_none()
    {
        var address = StartAll();
        var owner = OwnerOf(address);
        LosePower(owner);
        var others = Nodes.Where(node => node != owner).ToArray();
        _lan.Until("another node answers", () => _lan.ArpAnswers("client", address, 1) is [var mac] && mac != _lan.MacOf(owner));
        _lan.Until("one says that it took over", () => others.Sum(node => Lines(node, TakenOver)) == 1);
        Assert.All(others, node => Assert.InRange(Lines(node, Stopped), 1, int.MaxValue));

        _lan.Ip("lan", $"link set p-{owner} up");
        Start(owner, "--heartbeat-interval", "0");
        _lan.Until("the owner has its address again", () => OwnerOf(address) == owner);
        var noticed = others.Sum(node => LinesAbout(node, Stopped, owner));
        LosePower(owner);
        _lan.Until("another node answers once more", () => _lan.ArpAnswers("client", address, 1) is [var mac] && mac != _lan.MacOf(owner));
        Assert.Equal(noticed, others.Sum(node => LinesAbout(node, Stopped, owner)));
    }

    [Fact]
    public void An_owner_that_stood_still_answers_nothing_that_waited_and_announces_before_it_answers()
    {
        var address = StartAll();
        var owner = OwnerOf(address);
        Assert.True(MacAddress.TryParse(_lan.MacOf(owner), out var mac));
        using var prober = new ArpProber(_lan, "client", address);
        Signal("STOP", owner);
        var stopped = prober.Asked;
        _lan.Until("another node answers", () => prober.Heard.Any(claim => claim.Question > stopped && claim.Mac != mac));
        _lan.Until("one says that it took over", () => Nodes.Sum(node => Lines(node, TakenOver)) > 0);
        var heard = prober.Heard.Count;
        var waking = prober.Asked;
        Signal("CONT", owner);
        _lan.Until("the owner answers again", () => prober.Heard.Skip(heard).Any(claim => claim.Mac == mac && claim.Question > waking));
        Assert.InRange(Lines(owner, StoodStill), 1, int.MaxValue);
        var claims = prober.Heard.Skip(heard).Where(claim => claim.Mac == mac).ToList();
        Assert.Null(claims[0].Question);
        Assert.DoesNotContain(claims, claim => claim.Question > stopped && claim.Question < waking);
        _lan.Until("it answers alone", () => prober.Heard.TakeLast(40).All(claim => claim.Mac == mac));
    }

    [Fact]
    public void Forged_heartbeats_are_counted_and_change_nothing()
    {
        var address = StartAll();
        var owner = OwnerOf(address);
        var stranger = HeartbeatSeal.FromSecret("another secret"u8);
        var forged = Nodes.Select(node => Forge(node, owner)).ToList();
        var index = _lan.IndexOf("client");
        NamespaceThread.Run(_lan.NamespaceOf("client"), () =>
        {
            using var socket = new Socket(System.Net.Sockets.AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            var group = new IPEndPoint(new IPAddress(IPAddress.Parse("ff02::114").GetAddressBytes(), index), 7947);
            foreach (var hops in (int[])[255, 64])
            {
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, hops);
                foreach (var heartbeat in forged)
                {
                    _ = socket.SendTo(Close(HeartbeatSeal.None, heartbeat), group);
                    _ = socket.SendTo(Close(stranger, heartbeat), group);
                    _ = socket.SendTo(heartbeat, group);
                }
            }
            return true;
        });
        foreach (var node in Nodes)
        {
            _lan.Until($"{node} counts what it refused", () =>
                Metric(node, "ferrolb_heartbeats_refused_total{reason=\"signature\"}") >= 6 &&
                Metric(node, "ferrolb_heartbeats_refused_total{reason=\"hop_limit\"}") >= 9);
            Assert.DoesNotContain("\"level\":\"error\"", _lan.LogOf($"speaker-{node}"), StringComparison.Ordinal);
            Assert.Equal(0, Lines(node, "another speaker does not hear this one; its addresses are announced again"));
        }
        Assert.Equal(owner, OwnerOf(address));
    }

    [Theory]
    [InlineData("--heartbeat-interval must be 0, or lie between", "--heartbeat-interval", "30s")]
    [InlineData("--heartbeat-interval takes", "--heartbeat-interval", "often")]
    [InlineData("--heartbeat-port must lie between", "--heartbeat-port", "70000")]
    public void A_wrong_flag_ends_with_one_line_and_exit_code_2(string words, params string[] flags)
    {
        var (exitCode, output) = _lan.Try("node-1", Shell.Ferrolb, ["speaker", "--namespace", "x", "--node-name", "n", .. flags]);
        Assert.Equal(2, exitCode);
        Assert.Contains(words, Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    // The next heartbeat of a node, which calls the owner silent and itself about to end.
    private static byte[] Forge(string node, string owner)
    {
        var buffer = new byte[HeartbeatPacket.MostBytes];
        var writer = new HeartbeatWriter(
            buffer, HeartbeatFlags.Owner | HeartbeatFlags.Leaving, ulong.MaxValue, ulong.MaxValue, 100_000,
            System.Text.Encoding.ASCII.GetBytes(node));
        writer.TryAdd(HeartbeatEntryKind.Silent, ulong.MaxValue, 0, System.Text.Encoding.ASCII.GetBytes(owner));
        return buffer[..writer.WrittenBytes];
    }

    private static byte[] Close(HeartbeatSeal seal, byte[] heartbeat)
    {
        var datagram = new byte[heartbeat.Length + HeartbeatSeal.MostOverheadBytes];
        return datagram[..seal.Close(heartbeat, datagram)];
    }

    private static string AddressOf(string node) => $"10.98.0.{3 + Array.IndexOf(Nodes, node)}";

    private string StartAll()
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        foreach (var node in Nodes)
        {
            _cluster.AddNode(node);
            _cluster.AddSpeakerPod(node, AddressOf(node));
        }
        File.WriteAllText(Path.Combine(_lan.Directory, "secretkey"), "c2VjcmV0c2VjcmV0c2VjcQ");
        _cluster.AddPool("10.98.1.0/24");
        _cluster.AddServices("web");
        _cluster.StartController();
        foreach (var node in Nodes)
            Start(node);
        foreach (var node in Nodes)
            _lan.Until($"{node} met the others", () => Lines(node, "a speaker joined") >= 2);
        _lan.Until("the Service has an address", () => _cluster.AddressOf("web").Length > 0);
        var address = _cluster.AddressOf("web");
        var owner = OwnerOf(address);
        foreach (var node in Nodes.Where(node => node != owner))
            _lan.Until($"{node} hears the owner", () => Metric(node, "ferrolb_heartbeats_received_total") > 0);
        return address;
    }

    private void Start(string node, params string[] flags) => _speakers[node] = _cluster.StartSpeaker(
        node,
        [
            "--ml-bindaddr", AddressOf(node), "--ml-labels", "component=speaker", "--ml-secret-key-path", _lan.Directory,
            "--metrics-plain-http", .. flags,
        ]);

    private void LosePower(string node)
    {
        _lan.Ip("lan", $"link set p-{node} down");
        _speakers[node].Kill();
        _speakers[node].WaitForExit();
    }

    private void Signal(string signal, string node) => Tool.Run("/bin/sh", "-c", $"kill -{signal} {_speakers[node].Id}");

    private string OwnerOf(string address)
    {
        string[] answers = [];
        _lan.Until("one node answers", () =>
            (answers = _lan.ArpAnswers("client", address, 2)).Length == 2 && answers.Distinct().Count() == 1);
        return Nodes.Single(node => _lan.MacOf(node) == answers[0]);
    }

    private double Metric(string node, string series)
    {
        var text = _lan.Try(node, "curl", "-s", "http://127.0.0.1:9120/metrics").Output;
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    private int Lines(string node, string message) => LinesAbout(node, message, "");

    private int LinesAbout(string node, string message, string member) => _lan.LogOf($"speaker-{node}").Split('\n').Count(line =>
        line.Contains($"\"{message}\"", StringComparison.Ordinal) &&
        (member.Length == 0 || line.Contains($"\"member\":\"{member}\"", StringComparison.Ordinal)));
}
