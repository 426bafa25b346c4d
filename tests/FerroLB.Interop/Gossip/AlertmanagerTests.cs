using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using Xunit;

namespace FerroLB.Interop.Gossip;

/// <summary>
/// Prometheus' Alertmanager uses memberlist for itself, with states and messages of its own on top, which we take politely and ignore.
/// </summary>
public sealed class AlertmanagerTests : IDisposable
{
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(15);

    private readonly TestLan _lan = new("am1", "am2", "us");

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void Alertmanagers_see_us_join_stay_leave_and_die_and_we_see_them()
    {
        Start("am1", "10.98.0.2");
        Start("am2", "10.98.0.3", "--cluster.peer=10.98.0.2:7946");
        using (var us = new TestMember(_lan, "us", "us", "10.98.0.4", new("", [])))
        {
            us.Join("10.98.0.3");
            _lan.Until("both see us", () => Peers("10.98.0.2").Contains("us") && Peers("10.98.0.3").Contains("us"));
            _lan.Until("we see both", () => us.Snapshot.Members.Count(member => member.State == GossipMemberState.Alive) == 3);
            Assert.Equal(us.Snapshot.Members.Select(member => member.Name).Order(StringComparer.Ordinal), Peers("10.98.0.2"));

            StayCalm(us);
            us.Tell(new GossipInput.LeaveRequested());
            _lan.Until("both saw us leave", () => !Peers("10.98.0.2").Contains("us") && !Peers("10.98.0.3").Contains("us"), 10);
            Assert.Equal(GossipMemberState.Left, GossipPicture.Ask(_lan, "us", "10.98.0.2", new("", []))["us"]);
        }
        using (var again = new TestMember(_lan, "us", "us", "10.98.0.4", new("", [])))
        {
            again.Join("10.98.0.2");
            _lan.Until("both see us again", () => Peers("10.98.0.2").Contains("us") && Peers("10.98.0.3").Contains("us"));
        }
        _lan.Until("both saw us die", () => !Peers("10.98.0.2").Contains("us") && !Peers("10.98.0.3").Contains("us"));
    }

    private void StayCalm(TestMember us)
    {
        using var time = new ManualResetEventSlim();
        time.Wait(Stay, TestContext.Current.CancellationToken);
        var counts = us.Snapshot.Counts;
        Assert.Equal((0, 0, 0), (counts.PartsRefused, counts.ProbesFailed, counts.Refutations));
        Assert.DoesNotContain(us.Told, told => told is GossipOutput.MemberSuspected or GossipOutput.MemberLeft);
        Assert.Contains("us", Peers("10.98.0.2"));
        Assert.True(us.Runs);
    }

    private void Start(string host, string address, params string[] flags)
    {
        var file = Path.Combine(_lan.Directory, "alertmanager.yml");
        File.WriteAllText(file, "route:\n  receiver: nobody\nreceivers:\n- name: nobody\n");
        _lan.Start(host, host, "prometheus-alertmanager",
        [
            $"--config.file={file}", $"--storage.path={Path.Combine(_lan.Directory, host)}", $"--web.listen-address={address}:9093",
            $"--cluster.listen-address={address}:7946", $"--cluster.advertise-address={address}:7946", "--cluster.settle-timeout=0s",
            .. flags,
        ]);
        _lan.Until($"{host} answers", () => _lan.Try("us", "curl", "-sf", $"http://{address}:9093/-/ready").ExitCode == 0);
    }

    private List<string> Peers(string address)
    {
        var (exitCode, output) = _lan.Try("us", "curl", "-sf", $"http://{address}:9093/api/v2/status");
        if (exitCode != 0)
            throw new InvalidOperationException($"{address} does not answer: {output}");
        using var status = JsonDocument.Parse(output);
        return [.. status.RootElement.GetProperty("cluster").GetProperty("peers").EnumerateArray()
            .Select(peer => peer.GetProperty("name").GetString()!).Order(StringComparer.Ordinal)];
    }
}
