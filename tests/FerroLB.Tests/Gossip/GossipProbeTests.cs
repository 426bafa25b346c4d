using System;
using System.Linq;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using Xunit;

namespace FerroLB.Tests.Gossip;

public sealed class GossipProbeTests
{
    [Fact]
    public void Every_member_is_pinged_once_per_round()
    {
        var script = new GossipScript().Know(5).Pass(50, _ => true);
        var pings = script.AllSent<GossipMessage.Ping>().Select(ping => ping.Node).ToArray();
        Assert.InRange(pings.Length, 49, 50);
        for (var at = 5; at + 10 <= pings.Length; at++)
            Assert.Equal(5, pings.Skip(at).Take(10).Distinct().Count());
        Assert.Empty(script.AllSent<GossipMessage.Suspect>());
    }

    [Fact]
    public void A_ping_says_who_asks_and_where()
    {
        var ping = new GossipScript().Know(1).Pass(2).AllSent<GossipMessage.Ping>().First();
        Assert.Equal(("n1", "self", GossipScript.Own), (ping.Node, ping.SourceNode, ping.Source));
    }

    [Fact]
    public void Without_an_answer_others_and_a_stream_are_asked_then_the_member_is_suspected()
    {
        var script = new GossipScript().Know(5).Pass(1.99);
        var ping = Assert.Single(script.AllSent<GossipMessage.Ping>());
        script.Pass(0.01);
        Assert.Equal(3, script.AllSent<GossipMessage.IndirectPing>().Count(i => i.SequenceNumber == ping.SequenceNumber));
        Assert.All(script.AllSent<GossipMessage.IndirectPing>(), indirect =>
        {
            Assert.Equal(ping.Node, indirect.Node);
            Assert.True(indirect.WantsNack);
        });
        Assert.Single(script.All<GossipOutput.OpenStream>());
        var suspected = Assert.Single(script.Pass(0.5).All<GossipOutput.MemberSuspected>());
        Assert.Equal((ping.Node, "self"), (suspected.Member.Name, suspected.From));
        Assert.Equal(GossipMemberState.Suspect, script.Member(ping.Node).State);
    }

    [Fact]
    public void An_answer_by_way_of_another_counts()
    {
        var script = new GossipScript().Know(3);
        for (var i = 0; i < 20; i++)
        {
            script.Forget().Pass(1);
            foreach (var indirect in script.AllSent<GossipMessage.IndirectPing>().DistinctBy(i => i.SequenceNumber).ToArray())
                script.Receive(new GossipMessage.Ack(indirect.SequenceNumber, []));
            Assert.Empty(script.All<GossipOutput.MemberSuspected>());
        }
    }

    [Fact]
    public void An_answer_on_the_stream_counts_and_is_reported()
    {
        var script = new GossipScript().Know(1).Pass(2);
        var stream = Assert.Single(script.All<GossipOutput.OpenStream>());
        Assert.Equal(GossipScript.AddressOf(11), stream.To);
        script.Feed(new GossipInput.StreamOpened(stream.Stream));
        var written = new GossipStreamMessage(1_000);
        Assert.Equal(GossipDecodeResult.Ok, written.Append(Assert.Single(script.All<GossipOutput.WriteStream>()).Plain));
        var ping = Assert.IsType<GossipMessage.Ping>(written.Message);
        script.Feed(new GossipInput.StreamBytes(stream.Stream, GossipCodec.Encode(new GossipMessage.Ack(ping.SequenceNumber, []))));
        script.Feed(new GossipInput.StreamClosed(stream.Stream)).Pass(0.9);
        Assert.Empty(script.All<GossipOutput.MemberSuspected>());
        Assert.Contains(script.All<GossipOutput.Report>(), report => report.Kind == GossipReport.OnlyStreamAnswers);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void No_stream_is_tried_if_the_member_would_not_understand_or_it_is_switched_off(byte protocolMax, bool isEnabled)
    {
        var script = new GossipScript(GossipTuning.Lan with { DisableTcpPings = !isEnabled });
        script.Receive(GossipScript.Alive("old", 11, versions: new(1, protocolMax, 2, 0, 0, 0))).Pass(3);
        Assert.NotEmpty(script.All<GossipOutput.MemberSuspected>());
        Assert.Empty(script.All<GossipOutput.OpenStream>());
    }

    [Fact]
    public void Silence_of_those_who_promised_to_answer_is_held_against_oneself()
    {
        var deaf = new GossipScript().Know(5).Pass(2.5);
        Assert.Equal(3, deaf.Machine.Snapshot.HealthScore);
        var script = new GossipScript().Know(5).Pass(2);
        foreach (var indirect in script.AllSent<GossipMessage.IndirectPing>().ToArray())
            script.Receive(new GossipMessage.Nack(indirect.SequenceNumber));
        script.Pass(0.5);
        Assert.NotEmpty(script.All<GossipOutput.MemberSuspected>());
        Assert.Equal(0, script.Machine.Snapshot.HealthScore);
    }

    [Fact]
    public void Who_doubts_itself_probes_more_patiently_and_recovers()
    {
        var tuning = GossipTuning.Lan with { EnableCompression = false, IndirectChecks = 0, DisableTcpPings = true };
        var script = new GossipScript(tuning).Know(3);
        script.Pass(30);
        Assert.InRange(script.Machine.Snapshot.HealthScore, 2, 7);
        script.Know(3).Receive([.. Enumerable.Range(1, 3).Select(i => GossipScript.Alive($"n{i}", 10 + i, 9))]).Pass(60, _ => true);
        Assert.Equal(0, script.Machine.Snapshot.HealthScore);
    }

    [Fact]
    public void A_suspected_member_is_told_with_the_ping()
    {
        var script = new GossipScript().Know(1).Receive(new GossipMessage.Suspect(1, "n1", "x")).Pass(1).Forget().Pass(1);
        var packets = script.All<GossipOutput.SendDatagram>().ToArray();
        Assert.Contains(script.Sent, sent => sent is { Message: GossipMessage.Ping { Node: "n1" } });
        Assert.Contains(script.Sent, sent => sent is { Message: GossipMessage.Suspect { Node: "n1", From: "self" } });
        Assert.NotEmpty(packets);
    }

    [Fact]
    public void After_a_standstill_nobody_is_accused()
    {
        var script = new GossipScript().Know(5).Receive(new GossipMessage.Suspect(1, "n1", "n2")).Pass(1.6).Forget().StandStill(60);
        script.Pass(0.1);
        Assert.Contains(script.All<GossipOutput.Report>(), report => report.Kind == GossipReport.StoodStill);
        Assert.Empty(script.All<GossipOutput.MemberLeft>());
        Assert.Empty(script.All<GossipOutput.MemberSuspected>());
        Assert.Single(script.All<GossipOutput.Report>());
    }

    [Fact]
    public void A_ping_is_answered_where_it_says_and_only_if_it_is_meant_for_us()
    {
        var elsewhere = GossipScript.AddressOf(77);
        var script = new GossipScript();
        script.Receive(new GossipMessage.Ping(5, "self", elsewhere, "x"));
        Assert.Equal([(elsewhere, 5u)], Acks(script));
        script.Forget().Receive(new GossipMessage.Ping(6, "", null, ""));
        Assert.Equal([(GossipScript.AddressOf(11), 6u)], Acks(script));
        script.Forget().Receive(new GossipMessage.Ping(7, "somebody else", elsewhere, "x"));
        Assert.Empty(Acks(script));
    }

    [Fact]
    public void A_ping_on_behalf_of_another_is_passed_on_both_ways()
    {
        var (asker, target) = (GossipScript.AddressOf(50), GossipScript.AddressOf(60));
        var script = new GossipScript();
        script.Receive(new GossipMessage.IndirectPing(900, target, "t", true, asker, "a"));
        var ping = script.AllSent<GossipMessage.Ping>().Single();
        Assert.Equal("t", ping.Node);
        Assert.Equal(target, script.Sent.First().To);
        script.Forget().Receive(new GossipMessage.Ack(ping.SequenceNumber, [1, 2]));
        Assert.Equal([(asker, 900u)], Acks(script));
        script.Forget().Pass(1);
        Assert.Empty(script.AllSent<GossipMessage.Nack>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Silence_of_the_target_is_said_if_that_is_wanted(bool wantsNack)
    {
        var script = new GossipScript();
        script.Receive(new GossipMessage.IndirectPing(900, GossipScript.AddressOf(60), "t", wantsNack, null, "a")).Forget().Pass(0.5);
        Assert.Equal(wantsNack ? [900u] : [], script.AllSent<GossipMessage.Nack>().Select(nack => nack.SequenceNumber));
    }

    [Fact]
    public void Requests_on_behalf_of_others_are_bounded()
    {
        var script = new GossipScript();
        for (uint i = 0; i < 2_000; i++)
            script.Receive(new GossipMessage.IndirectPing(i, GossipScript.AddressOf(60), "t", true, null, "a"));
        Assert.Equal(1_024, script.AllSent<GossipMessage.Ping>().Count());
    }

    private static (GossipAddress, uint)[] Acks(GossipScript script) =>
        [.. script.Sent.Where(sent => sent.Message is GossipMessage.Ack)
            .Select(sent => (sent.To, ((GossipMessage.Ack)sent.Message).SequenceNumber))];
}
