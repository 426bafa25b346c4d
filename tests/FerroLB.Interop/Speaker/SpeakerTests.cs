using System;
using System.Diagnostics;
using System.Linq;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

public sealed class SpeakerTests : IDisposable
{
    private readonly TestLan _lan = new("client", "node-1", "node-2");
    private readonly TestCluster _cluster;

    public SpeakerTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void A_Service_is_answered_for_by_exactly_one_node_until_that_node_must_not()
    {
        StartEverything();
        var address = AddressOf("web");
        var owner = OwnerOf(address);
        Assert.Single(_lan.ArpAnswers("client", address, 3).Distinct());
        Assert.Empty(_lan.ArpAnswers("client", "10.98.1.200"));
        _lan.Until("the status names the owner", () => AnnouncingNodes() == owner);
        _cluster.Kubectl("label", "node", owner, "node.kubernetes.io/exclude-from-external-load-balancers=");
        _lan.Until("the other node answers", () => _lan.ArpAnswers("client", address, 1) is [var mac] && mac != _lan.MacOf(owner));
        _lan.Until("the status names the other node", () => AnnouncingNodes() == (owner == "node-1" ? "node-2" : "node-1"));
        _cluster.Kubectl("delete", "service", "web");
        _lan.Until("the status is gone", () => AnnouncingNodes().Length == 0);
        _lan.Until("nobody answers", () => _lan.ArpAnswers("client", address, 1).Length == 0);
    }

    [Fact]
    public void An_API_server_that_comes_late_or_goes_away_does_not_stop_the_speaker()
    {
        var api = _cluster.StartApiServer();
        _cluster.Prepare();
        AddObjects();
        _cluster.StartController();
        var address = AddressOf("web");
        Kill(api);
        var speakers = new[] { _cluster.StartSpeaker("node-1"), _cluster.StartSpeaker("node-2") };
        _lan.Until("the speaker says that it waits", () => ReadsRefused("node-1") > 0);
        api = _cluster.StartApiServer();
        var owner = OwnerOf(address);
        Kill(api);
        _lan.Until("the speaker says that the API server is gone", () => ReadsRefused(owner) > 1);
        Assert.Equal([_lan.MacOf(owner)], _lan.ArpAnswers("client", address, 1));
        _cluster.StartApiServer();
        _cluster.WaitForApiServer();
        _cluster.AddServices("late");
        var late = AddressOf("late");
        _lan.Until("the new Service is answered for", () => _lan.ArpAnswers("client", late, 1).Length == 1, 120);
        Assert.All(speakers, speaker => Assert.False(speaker.HasExited));
    }

    [Fact]
    public void With_NET_RAW_alone_it_works_and_SIGTERM_ends_it_cleanly()
    {
        StartEverything(startsSpeakers: false);
        var address = AddressOf("web");
        var speakers = _lan.Start("node-1", "bare", "setpriv",
            "--bounding-set=-all,+net_raw", "--inh-caps=-all,+net_raw", "--no-new-privs", Shell.Ferrolb, "speaker",
            "--kubeconfig", _cluster.Kubeconfig, "--namespace", "metallb-system", "--node-name", "node-1");
        _cluster.Kubectl("label", "node", "node-2", "node.kubernetes.io/exclude-from-external-load-balancers=");
        _lan.Until("it answers", () => _lan.ArpAnswers("client", address, 1).SequenceEqual([_lan.MacOf("node-1")]));
        Tool.Run("/bin/sh", "-c", $"kill -TERM {speakers.Id}");
        Assert.True(speakers.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, speakers.ExitCode);
        Assert.Empty(_lan.ArpAnswers("client", address, 1));
    }

    [Fact]
    public void Garbage_on_the_wire_changes_nothing()
    {
        StartEverything();
        var address = AddressOf("web");
        var owner = OwnerOf(address);
        RawFrames.Send(_lan, "client", RawFrames.Damaged(address, 5000));
        Assert.Equal([_lan.MacOf(owner)], _lan.ArpAnswers("client", address, 1));
        Assert.DoesNotContain("\"level\":\"error\"", _lan.LogOf($"speaker-{owner}"), StringComparison.Ordinal);
    }

    private void StartEverything(bool startsSpeakers = true)
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        AddObjects();
        _cluster.StartController();
        if (!startsSpeakers)
            return;
        _cluster.StartSpeaker("node-1");
        _cluster.StartSpeaker("node-2");
    }

    private void AddObjects()
    {
        _cluster.AddNode("node-1");
        _cluster.AddNode("node-2");
        _cluster.AddPool("10.98.1.0/24");
        _cluster.AddServices("web");
    }

    private string AddressOf(string service)
    {
        _lan.Until($"{service} has an address", () => _cluster.AddressOf(service).Length > 0);
        return _cluster.AddressOf(service);
    }

    private string OwnerOf(string address)
    {
        string[] answers = [];
        _lan.Until("one node answers", () => (answers = _lan.ArpAnswers("client", address, 1)).Length == 1);
        return new[] { "node-1", "node-2" }.Single(node => _lan.MacOf(node) == answers[0]);
    }

    private int ReadsRefused(string node) => _lan.LogOf($"speaker-{node}").Split("Connection refused").Length - 1;

    private static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }

    private string AnnouncingNodes() => _cluster.Kubectl(
        "get", "servicel2statuses", "-A", "-l", "metallb.io/service-name=web", "-o", "jsonpath={.items[*].status.node}").Trim();
}
