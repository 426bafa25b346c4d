using System;
using System.Linq;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using Xunit;

namespace FerroLB.Tests.Gossip;

public sealed class GossipVerdictTests
{
    [Fact]
    public void A_new_member_is_told_and_passed_on()
    {
        var script = new GossipScript().Know(3).Receive(GossipScript.Alive("new", 20, 4, [1, 2])).Pass(0.2);
        var joined = Assert.Single(script.All<GossipOutput.MemberJoined>()).Member;
        Assert.Equal(("new", GossipScript.AddressOf(20), 4u), (joined.Name, joined.Address, joined.Incarnation));
        Assert.Equal([1, 2], joined.Meta);
        Assert.Contains(script.AllSent<GossipMessage.Alive>(), alive => alive is { Node: "new", Incarnation: 4 });
    }

    [Fact]
    public void A_broadcast_is_sent_four_times_up_to_nine_members()
    {
        var script = new GossipScript(GossipTuning.Lan with { ProbeInterval = TimeSpan.FromHours(1), EnableCompression = false }).Know(3);
        script.Pass(5).Forget().Receive(GossipScript.Alive("n1", 11, 2, [9])).Pass(5);
        Assert.Equal(4, script.AllSent<GossipMessage.Alive>().Count(alive => alive is { Node: "n1", Incarnation: 2 }));
        Assert.Equal(0, script.Machine.Snapshot.PendingBroadcasts);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    public void Old_news_changes_nothing(uint incarnation)
    {
        var script = new GossipScript().Know(1).Receive(GossipScript.Alive("n1", 11, incarnation, [7]));
        Assert.Empty(script.Outputs);
        Assert.Empty(script.Member("n1").Meta);
    }

    [Fact]
    public void Who_is_accused_from_outside_is_suspected_told_and_may_refute()
    {
        var script = new GossipScript().Know(3).Feed(new GossipInput.SuspectRequested("n1", 7));
        Assert.Equal("n1", Assert.Single(script.All<GossipOutput.MemberSuspected>()).Member.Name);
        Assert.Contains(script.Sent, sent => sent.To == GossipScript.AddressOf(11) && sent.Message is GossipMessage.Suspect { Node: "n1" });
        Assert.Equal((GossipMemberState.Suspect, 0L), (script.Member("n1").State, script.Member("n1").AnsweredAccusation));
        script.Receive(GossipScript.Alive("n1", 11, 2));
        Assert.Equal((GossipMemberState.Alive, 7L), (script.Member("n1").State, script.Member("n1").AnsweredAccusation));
        script.Feed(new GossipInput.SuspectRequested("n1", 8));
        Assert.Equal(0, script.Member("n1").AnsweredAccusation);
        script.Feed(new GossipInput.SuspectRequested("stranger", 9)).Feed(new GossipInput.SuspectRequested("self", 10));
        Assert.Equal(GossipMemberState.Alive, script.Member("self").State);
    }

    [Fact]
    public void Changed_data_are_reported()
    {
        var script = new GossipScript().Know(1).Receive(GossipScript.Alive("n1", 11, 2, [7]));
        Assert.Equal([7], Assert.Single(script.All<GossipOutput.MemberUpdated>()).Member.Meta);
    }

    [Fact]
    public void Versions_that_make_no_sense_are_not_let_in()
    {
        var script = new GossipScript().Receive(
            GossipScript.Alive("a", 11, versions: new(0, 5, 2, 0, 0, 0)), GossipScript.Alive("b", 12, versions: new(4, 3, 4, 0, 0, 0)));
        Assert.Single(script.Machine.Snapshot.Members);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(9, 4)]
    [InlineData(98, 8)]
    public void An_unconfirmed_suspicion_lasts_as_long_as_it_should(int others, double leastSeconds)
    {
        // With fewer than four members no confirmation can come, so it lasts the least time; otherwise six times that.
        var script = Quiet(others).Receive(new GossipMessage.Suspect(1, "n1", "n2"));
        var expected = others < 3 ? leastSeconds : 6 * Math.Floor(1000 * Math.Max(1, Math.Log10(others + 1))) * 4 / 1000;
        script.Pass(expected - 0.01);
        Assert.Empty(script.All<GossipOutput.MemberLeft>());
        script.Pass(0.02);
        Assert.Equal(GossipMemberState.Dead, Assert.Single(script.All<GossipOutput.MemberLeft>()).Member.State);
    }

    [Theory]
    [InlineData(0, 24.0)]
    [InlineData(1, 11.381)]
    [InlineData(2, 4.0)]
    [InlineData(5, 4.0)]
    public void Each_confirmation_shortens_a_suspicion(int confirmations, double seconds)
    {
        var script = Quiet(8).Receive(new GossipMessage.Suspect(1, "n1", "n2"));
        for (var i = 0; i < confirmations; i++)
            script.Receive(new GossipMessage.Suspect(1, "n1", $"n{3 + i}"));
        script.Pass(seconds - 0.001);
        Assert.Empty(script.All<GossipOutput.MemberLeft>());
        Assert.Single(script.Pass(0.002).All<GossipOutput.MemberLeft>());
    }

    [Fact]
    public void One_member_confirms_once()
    {
        var script = Quiet(8).Receive(new GossipMessage.Suspect(1, "n1", "n2"));
        for (var i = 0; i < 5; i++)
            script.Receive(new GossipMessage.Suspect(1, "n1", "n2"), new GossipMessage.Suspect(1, "n1", "n3"));
        Assert.Empty(script.Pass(11).All<GossipOutput.MemberLeft>());
    }

    [Fact]
    public void A_confirmation_is_passed_on_while_it_is_news()
    {
        var script = Quiet(8).Receive(new GossipMessage.Suspect(1, "n1", "n2")).Pass(3).Forget();
        script.Receive(new GossipMessage.Suspect(1, "n1", "n3")).Pass(0.2);
        Assert.Contains(script.AllSent<GossipMessage.Suspect>(), suspect => suspect.From == "n3");
        script.Pass(1).Forget().Receive(new GossipMessage.Suspect(1, "n1", "n3")).Pass(1);
        Assert.Empty(script.AllSent<GossipMessage.Suspect>());
    }

    [Fact]
    public void A_refutation_ends_a_suspicion()
    {
        var script = Quiet(8).Receive(new GossipMessage.Suspect(1, "n1", "n2"));
        script.Receive(GossipScript.Alive("n1", 11, 1));
        Assert.Equal(GossipMemberState.Suspect, script.Member("n1").State);
        script.Receive(GossipScript.Alive("n1", 11, 2));
        Assert.Equal(GossipMemberState.Alive, script.Member("n1").State);
        Assert.Single(script.All<GossipOutput.MemberCleared>());
        Assert.Empty(script.Pass(60).All<GossipOutput.MemberLeft>());
    }

    [Theory]
    [InlineData(0u, 2u)]
    [InlineData(1u, 2u)]
    [InlineData(40u, 41u)]
    public void What_is_said_against_us_is_refuted_with_a_higher_incarnation(uint accused, uint answer)
    {
        GossipMessage[] accusations = [new GossipMessage.Suspect(accused, "self", "n1"), new GossipMessage.Dead(accused, "self", "n1")];
        foreach (var accusation in accusations)
        {
            var script = new GossipScript().Know(2).Receive(accusation).Pass(0.2);
            if (accused == 0)
            {
                Assert.Equal(1u, script.Member("self").Incarnation);
                continue;
            }
            Assert.Contains(script.AllSent<GossipMessage.Alive>(), alive => alive.Node == "self" && alive.Incarnation == answer);
            Assert.Equal((GossipMemberState.Alive, answer), (script.Member("self").State, script.Member("self").Incarnation));
            Assert.Equal(1, script.Machine.Snapshot.HealthScore);
            Assert.Equal(1, script.Machine.Snapshot.Counts.Refutations);
        }
    }

    [Fact]
    public void A_restarted_member_outdoes_what_others_remember_of_it()
    {
        var script = new GossipScript().Receive(GossipScript.Alive("self", 1, 17, [5]));
        Assert.Equal(18u, script.Member("self").Incarnation);
        Assert.Empty(script.Member("self").Meta);
        script.Forget().Receive(GossipScript.Alive("self", 1, 18));
        Assert.Equal(18u, script.Member("self").Incarnation);
        script.Receive(GossipScript.Alive("self", 1, 18, [5]));
        Assert.Equal(19u, script.Member("self").Incarnation);
    }

    [Theory]
    [InlineData("x", GossipMemberState.Dead)]
    [InlineData("n1", GossipMemberState.Left)]
    public void Who_says_it_itself_left_otherwise_it_failed(string from, GossipMemberState state)
    {
        var script = new GossipScript().Know(2).Receive(new GossipMessage.Dead(1, "n1", from)).Pass(0.2);
        Assert.Equal(state, Assert.Single(script.All<GossipOutput.MemberLeft>()).Member.State);
        Assert.Contains(script.AllSent<GossipMessage.Dead>(), dead => dead.Node == "n1" && dead.From == from);
        Assert.Empty(script.Forget().Receive(new GossipMessage.Dead(1, "n1", from)).All<GossipOutput.MemberLeft>());
    }

    [Fact]
    public void The_failed_are_told_for_a_while_those_who_left_are_not()
    {
        var failed = GossipScript.AddressOf(30);
        var script = Quiet(0).Receive(GossipScript.Alive("failed", 30), GossipScript.Alive("left", 40));
        script.Receive(new GossipMessage.Dead(1, "failed", "x"), new GossipMessage.Dead(1, "left", "left")).Forget().Pass(1);
        Assert.Contains(script.Sent, sent => sent is { Message: GossipMessage.Dead { Node: "failed" } } && sent.To == failed);
        Assert.DoesNotContain(script.Sent, sent => sent.To == GossipScript.AddressOf(40));
    }

    [Fact]
    public void Those_who_are_gone_are_forgotten_after_a_while()
    {
        var script = new GossipScript().Know(3).Receive(new GossipMessage.Dead(1, "n1", "x"), new GossipMessage.Dead(1, "n2", "n2"));
        Assert.Equal(4, script.Pass(29, _ => true).Machine.Snapshot.Members.Length);
        Assert.Equal(["n3", "self"], script.Pass(5, _ => true).Machine.Snapshot.Members.Select(member => member.Name));
    }

    [Theory]
    [InlineData("n1", 99)]
    [InlineData("self", 99)]
    public void A_name_with_another_address_is_reported_now_and_then_and_not_accepted(string name, int number)
    {
        var script = new GossipScript().Know(1);
        for (uint i = 0; i < 20; i++)
            script.Receive(GossipScript.Alive(name, number, 10 + i));
        var conflict = Assert.Single(script.All<GossipOutput.NameConflict>());
        Assert.Equal((name, GossipScript.AddressOf(number)), (conflict.Member.Name, conflict.Other));
        Assert.NotEqual(GossipScript.AddressOf(number), script.Member(name).Address);
        Assert.Equal(1u, script.Member(name).Incarnation);
        script.Pass(11, _ => true).Receive(GossipScript.Alive(name, number, 50));
        Assert.Equal(2, script.All<GossipOutput.NameConflict>().Count());
    }

    [Fact]
    public void The_name_of_one_who_left_is_free_at_once()
    {
        var script = new GossipScript().Know(1).Receive(new GossipMessage.Dead(1, "n1", "n1"), GossipScript.Alive("n1", 99));
        Assert.Equal((GossipMemberState.Alive, GossipScript.AddressOf(99)), (script.Member("n1").State, script.Member("n1").Address));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void The_name_of_one_who_failed_is_free_after_the_reclaim_time_if_there_is_one(int reclaimSeconds)
    {
        var reclaim = TimeSpan.FromSeconds(reclaimSeconds);
        var script = new GossipScript(change: config => config with { DeadNodeReclaimTime = reclaim }).Know(1);
        script.Receive(new GossipMessage.Dead(1, "n1", "x")).Pass(5).Receive(GossipScript.Alive("n1", 99, 5));
        Assert.Equal(GossipMemberState.Dead, script.Member("n1").State);
        script.Pass(6).Receive(GossipScript.Alive("n1", 99, 5));
        Assert.Equal(reclaimSeconds > 0 ? GossipMemberState.Alive : GossipMemberState.Dead, script.Member("n1").State);
    }

    [Fact]
    public void No_more_members_are_let_in_than_allowed()
    {
        var script = new GossipScript(change: config => config with { MostMembers = 3 });
        for (var i = 1; i < 20; i++)
            script.Receive(GossipScript.Alive($"n{i}", 10 + i));
        Assert.Equal(["n1", "n2", "self"], script.Machine.Snapshot.Members.Select(member => member.Name));
        Assert.Single(script.All<GossipOutput.Report>());
    }

    [Fact]
    public void Own_data_are_changed_with_a_new_incarnation()
    {
        var script = new GossipScript().Know(1).Feed(new GossipInput.MetadataChanged(new byte[] { 4, 2 })).Pass(0.2);
        Assert.Contains(script.AllSent<GossipMessage.Alive>(), alive => alive is { Node: "self", Incarnation: 2, Meta: [4, 2] });
        script.Feed(new GossipInput.MetadataChanged(new byte[513]));
        Assert.Equal([4, 2], script.Member("self").Meta);
        Assert.Equal(GossipReport.LimitReached, Assert.Single(script.All<GossipOutput.Report>()).Kind);
    }

    [Fact]
    public void Leaving_is_told_at_once_and_then_spread()
    {
        var script = new GossipScript().Know(3).Feed(new GossipInput.LeaveRequested());
        Assert.Equal(
            Enumerable.Range(11, 3).Select(GossipScript.AddressOf),
            script.Sent.Where(sent => sent.Message is GossipMessage.Dead { Node: "self", From: "self" }).Select(sent => sent.To).Order());
        Assert.Empty(script.All<GossipOutput.LeaveEnded>());
        script.Pass(1);
        Assert.Single(script.All<GossipOutput.LeaveEnded>());
        Assert.Null(script.Machine.NextDeadline);
        Assert.Empty(script.Forget().Receive(new GossipMessage.Dead(1, "self", "x")).Pass(10).Outputs);
    }

    [Fact]
    public void Who_is_alone_leaves_without_a_word() =>
        Assert.IsType<GossipOutput.LeaveEnded>(Assert.Single(new GossipScript().Feed(new GossipInput.LeaveRequested()).Outputs));

    [Fact]
    public void A_checksum_is_sent_to_those_who_understand_it()
    {
        var script = new GossipScript().Receive(
            GossipScript.Alive("new", 11), GossipScript.Alive("old", 12, versions: new(1, 4, 2, 0, 0, 0)));
        script.Forget().Receive(
            new GossipMessage.Ping(1, "", GossipScript.AddressOf(11), "new"),
            new GossipMessage.Ping(2, "", GossipScript.AddressOf(12), "old"));
        Assert.Equal(
            [true, false], script.All<GossipOutput.SendDatagram>().Select(sent => sent.Plain[0] == (byte)GossipMessageType.HasCrc));
    }

    [Fact]
    public void A_datagram_is_never_longer_than_allowed()
    {
        var script = new GossipScript(change: config => config with { EnvelopeBytes = 60 });
        for (var i = 0; i < 100; i++)
            script.Receive(GossipScript.Alive($"n{i}", 10 + i, 1, new byte[300]));
        script.Forget().Pass(5, _ => true);
        Assert.All(script.All<GossipOutput.SendDatagram>(), sent => Assert.True(sent.Plain.Length <= 1400 - 60));
        Assert.Contains(script.All<GossipOutput.SendDatagram>(), sent => sent.Plain.Length > 1000);
    }

    // Everybody answers its probes, so that only what the test says is news.
    private static GossipScript Quiet(int others) =>
        new GossipScript(GossipTuning.Lan with { EnableCompression = false, PushPullInterval = TimeSpan.Zero }) { AnswersAll = true }
            .Know(others);
}
