using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Gossip;

public sealed class GossipStreamTests
{
    private static readonly GossipAddress Peer = GossipScript.AddressOf(11);

    [Fact]
    public void Joining_sends_the_own_picture_and_takes_over_the_other()
    {
        var script = new GossipScript().Feed(new GossipInput.JoinRequested([Peer]));
        var stream = Assert.Single(script.All<GossipOutput.OpenStream>());
        Assert.Equal(Peer, stream.To);
        script.Feed(new GossipInput.StreamOpened(stream.Stream));
        var own = Assert.IsType<GossipMessage.PushPull>(Read(Assert.Single(script.All<GossipOutput.WriteStream>()).Plain));
        Assert.True(own.IsJoin);
        Assert.Equal("self", Assert.Single(own.States).Statement.Node);
        script.Feed(new GossipInput.StreamBytes(stream.Stream, Picture(true, Alive("a", 11), Alive("b", 12))));
        Assert.Equal(["a", "b", "self"], script.Machine.Snapshot.Members.Select(member => member.Name));
        var ended = Assert.Single(script.All<GossipOutput.JoinEnded>());
        Assert.Equal((1, 0), (ended.Joined, ended.Failures.Count));
        Assert.Single(script.All<GossipOutput.CloseStream>());
    }

    [Fact]
    public void Every_address_is_tried_eight_at_a_time_and_failures_say_why()
    {
        var script = new GossipScript().Feed(new GossipInput.JoinRequested(
            [.. Enumerable.Range(11, 20).Select(GossipScript.AddressOf), GossipScript.Own, GossipScript.AddressOf(11)]));
        Assert.Equal(8, script.All<GossipOutput.OpenStream>().Count());
        for (var i = 0; i < 20; i++)
            script.Feed(new GossipInput.StreamFailed(script.All<GossipOutput.OpenStream>().ElementAt(i).Stream, "connection refused"));
        var ended = Assert.Single(script.All<GossipOutput.JoinEnded>());
        Assert.Equal((0, 20), (ended.Joined, ended.Failures.Count));
        Assert.Contains("10.99.0.11:7946: connection refused", ended.Failures);
    }

    [Fact]
    public void Those_who_became_members_meanwhile_need_no_exchange_once_many_were_had()
    {
        var script = new GossipScript().Feed(new GossipInput.JoinRequested([.. Enumerable.Range(11, 200).Select(GossipScript.AddressOf)]));
        GossipMessage.NodeState[] everybody = [.. Enumerable.Range(11, 200).Select(number => Alive($"n{number}", number))];
        for (var i = 0; i < script.All<GossipOutput.OpenStream>().Count(); i++)
        {
            var stream = script.All<GossipOutput.OpenStream>().ElementAt(i).Stream;
            script.Feed(new GossipInput.StreamOpened(stream)).Feed(new GossipInput.StreamBytes(stream, Picture(true, everybody)));
        }
        Assert.InRange(script.All<GossipOutput.OpenStream>().Count(), 32, 40);
        Assert.Equal(200, Assert.Single(script.All<GossipOutput.JoinEnded>()).Joined);
    }

    [Fact]
    public void Two_that_join_the_same_addresses_do_not_turn_to_the_same_ones_first()
    {
        var wish = new GossipInput.JoinRequested([.. Enumerable.Range(11, 200).Select(GossipScript.AddressOf)]);
        var first = FirstOf(1);
        var second = FirstOf(2);
        Assert.Equal(8, first.Length);
        Assert.InRange(first.Intersect(second).Count(), 0, 3);
        Assert.Equal(first, FirstOf(1));

        GossipAddress[] FirstOf(ulong seed)
        {
            var machine = new GossipMachine(new("self", GossipScript.Own), new SeededRandom(seed), Instant.FromSeconds(1));
            machine.Handle(wish, Instant.FromSeconds(1));
            var opened = new List<GossipAddress>();
            while (machine.TryTake(out var output))
                opened.AddRange(output is GossipOutput.OpenStream open ? [open.To] : []);
            return [.. opened];
        }
    }

    [Fact]
    public void A_peer_that_never_answers_is_given_up_after_the_TCP_timeout_twice()
    {
        var script = new GossipScript().Feed(new GossipInput.JoinRequested([Peer])).Pass(9.9);
        script.Feed(new GossipInput.StreamOpened(script.All<GossipOutput.OpenStream>().Single().Stream)).Pass(9.9);
        Assert.Empty(script.All<GossipOutput.JoinEnded>());
        script.Pass(0.2);
        Assert.Equal("10.99.0.11:7946: no answer within 10 s", Assert.Single(Assert.Single(script.All<GossipOutput.JoinEnded>()).Failures));
        Assert.Single(script.All<GossipOutput.CloseStream>());
    }

    [Fact]
    public void An_error_from_the_other_side_is_the_reason()
    {
        var script = new GossipScript().Feed(new GossipInput.JoinRequested([Peer]));
        var stream = script.All<GossipOutput.OpenStream>().Single().Stream;
        script.Feed(new GossipInput.StreamOpened(stream));
        script.Feed(new GossipInput.StreamBytes(stream, GossipCodec.Encode(new GossipMessage.Error("too busy"))));
        Assert.Equal("10.99.0.11:7946: it says: too busy", Assert.Single(Assert.Single(script.All<GossipOutput.JoinEnded>()).Failures));
    }

    [Fact]
    public void Nobody_to_join_is_no_error() =>
        Assert.Equal(0, Assert.Single(new GossipScript().Feed(new GossipInput.JoinRequested([])).All<GossipOutput.JoinEnded>()).Joined);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_sends_its_picture_gets_ours_from_before(bool isJoin)
    {
        var script = new GossipScript().Know(1);
        script.Feed(new GossipInput.StreamAccepted(7, Peer));
        script.Feed(new GossipInput.StreamBytes(7, Picture(isJoin, Alive("a", 12))));
        var own = Assert.IsType<GossipMessage.PushPull>(Read(Assert.Single(script.All<GossipOutput.WriteStream>()).Plain));
        Assert.Equal(isJoin, own.IsJoin);
        Assert.Equal(["n1", "self"], own.States.Select(state => state.Statement.Node).Order());
        Assert.Equal(7, Assert.Single(script.All<GossipOutput.CloseStream>()).Stream);
        Assert.Equal("a", Assert.Single(script.All<GossipOutput.MemberJoined>()).Member.Name);
    }

    [Fact]
    public void Whom_another_thinks_dead_is_suspected_and_who_left_is_gone()
    {
        var script = new GossipScript().Know(5);
        script.Feed(new GossipInput.StreamAccepted(7, Peer));
        script.Feed(new GossipInput.StreamBytes(7, Picture(
            false, State(GossipMemberState.Dead, 1), State(GossipMemberState.Suspect, 2), State(GossipMemberState.Left, 3))));
        Assert.Equal(GossipMemberState.Suspect, script.Member("n1").State);
        Assert.Equal(GossipMemberState.Suspect, script.Member("n2").State);
        Assert.Equal(GossipMemberState.Left, script.Member("n3").State);
    }

    [Theory]
    [InlineData(3, 5, 3, 0, "a uses version 3")]
    [InlineData(1, 5, 2, 1, "of the program above")]
    public void A_picture_whose_versions_do_not_fit_is_answered_but_not_taken_over(
        byte least, byte most, byte current, byte delegateVersion, string words)
    {
        var script = new GossipScript();
        script.Receive(GossipScript.Alive("low", 15, versions: new(1, 2, 2, 0, 0, 0)));
        script.Feed(new GossipInput.StreamAccepted(7, Peer));
        var versions = new GossipVersions(least, most, current, delegateVersion, delegateVersion, delegateVersion);
        script.Feed(new GossipInput.StreamBytes(7, Picture(
            false, new GossipMessage.NodeState(GossipMemberState.Alive, GossipScript.Alive("a", 11, versions: versions)))));
        Assert.Single(script.All<GossipOutput.WriteStream>());
        var report = Assert.Single(script.All<GossipOutput.Report>());
        Assert.Equal(GossipReport.VersionRefused, report.Kind);
        Assert.Contains(words, report.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(script.Machine.Snapshot.Members, member => member.Name == "a");
    }

    [Fact]
    public void A_ping_on_a_stream_is_answered_if_it_is_meant_for_us()
    {
        var script = new GossipScript();
        script.Feed(new GossipInput.StreamAccepted(1, Peer));
        script.Feed(new GossipInput.StreamBytes(1, GossipCodec.Encode(new GossipMessage.Ping(9, "self", null, ""))));
        Assert.Equal(9u, Assert.IsType<GossipMessage.Ack>(Read(script.All<GossipOutput.WriteStream>().Single().Plain)).SequenceNumber);
        script.Forget().Feed(new GossipInput.StreamAccepted(2, Peer));
        script.Feed(new GossipInput.StreamBytes(2, GossipCodec.Encode(new GossipMessage.Ping(9, "other", null, ""))));
        Assert.IsType<GossipOutput.CloseStream>(Assert.Single(script.Outputs));
    }

    [Fact]
    public void Nonsense_is_answered_with_an_error()
    {
        var script = new GossipScript().Feed(new GossipInput.StreamAccepted(1, Peer));
        script.Feed(new GossipInput.StreamBytes(1, "GET / HTTP/1.1"u8.ToArray()));
        Assert.IsType<GossipMessage.Error>(Read(Assert.Single(script.All<GossipOutput.WriteStream>()).Plain));
        Assert.Single(script.All<GossipOutput.CloseStream>());
        Assert.Equal(1, script.Machine.Snapshot.Counts.PartsRefused);
    }

    [Fact]
    public void A_user_message_on_a_stream_is_taken_politely()
    {
        byte[] user = [0x08, 0x81, 0xAA, .. "UserMsgLen"u8, 3, 1, 2, 3];
        var script = new GossipScript().Feed(new GossipInput.StreamAccepted(1, Peer)).Feed(new GossipInput.StreamBytes(1, user));
        Assert.IsType<GossipOutput.CloseStream>(Assert.Single(script.Outputs));
    }

    [Fact]
    public void Streams_that_others_open_are_bounded_and_end()
    {
        var script = new GossipScript();
        for (var i = 0; i < 200; i++)
            script.Feed(new GossipInput.StreamAccepted(i, Peer));
        Assert.Equal(72, script.All<GossipOutput.CloseStream>().Count());
        script.Forget().Pass(10.1);
        Assert.Equal(128, script.All<GossipOutput.CloseStream>().Count());
    }

    [Fact]
    public void Octets_that_wait_on_streams_are_bounded()
    {
        var script = new GossipScript();
        byte[] begin = [0x09, 0x82, 0xA4, .. "Algo"u8, 0, 0xA3, .. "Buf"u8, 0xDB, 1, 0, 0, 0];
        var part = new byte[15_000_000];
        for (var i = 0; i < 8; i++)
        {
            script.Feed(new GossipInput.StreamAccepted(i, Peer)).Feed(new GossipInput.StreamBytes(i, begin));
            script.Feed(new GossipInput.StreamBytes(i, part));
        }
        Assert.InRange(script.All<GossipOutput.CloseStream>().Count(), 4, 6);
        Assert.Contains(script.All<GossipOutput.Report>(), report => report.Kind == GossipReport.LimitReached);
    }

    [Fact]
    public void The_whole_picture_is_exchanged_now_and_then_with_somebody()
    {
        var script = new GossipScript().Know(3).Pass(300, _ => true);
        Assert.InRange(script.All<GossipOutput.OpenStream>().Count(), 9, 10);
    }

    [Fact]
    public void In_a_large_cluster_the_whole_picture_is_exchanged_less_often()
    {
        // 66 members: three times the interval.
        var script = new GossipScript().Know(65).Pass(900, _ => true);
        Assert.InRange(script.All<GossipOutput.OpenStream>().Count(), 9, 11);
    }

    [Fact]
    public void What_is_said_of_unknown_streams_is_nothing()
    {
        var script = new GossipScript().Know(1);
        script.Feed(new GossipInput.StreamOpened(3)).Feed(new GossipInput.StreamBytes(3, new byte[9]));
        script.Feed(new GossipInput.StreamClosed(-8)).Feed(new GossipInput.StreamFailed(0, "x"));
        Assert.Empty(script.Outputs);
    }

    private static GossipMessage.NodeState Alive(string name, int number) => new(GossipMemberState.Alive, GossipScript.Alive(name, number));

    private static GossipMessage.NodeState State(GossipMemberState state, int number) =>
        new(state, GossipScript.Alive($"n{number}", 10 + number));

    private static byte[] Picture(bool isJoin, params GossipMessage.NodeState[] states) =>
        GossipStreamMessage.Encode(new(isJoin, states, 0));

    private static GossipMessage Read(byte[] octets)
    {
        var message = new GossipStreamMessage(GossipStreamMessage.DefaultMostBytes);
        Assert.Equal(GossipDecodeResult.Ok, message.Append(octets));
        return message.Message!;
    }
}
