using System;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Network;
using FerroLB.Lab.Scenarios;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>Moves, restarts and an API server that is away, as a client sees them; and that gaps are found.</summary>
public sealed class GapsRunTests
{
    private const string Namespace = "metallb-system";

    internal static readonly MachineFactory Right = new(
        start => new ControllerNode(
            new()
            {
                Namespace = Namespace,
                PodName = start.Name,
                Election = new() { Namespace = Namespace, Identity = start.Identity },
            },
            start.Seed),
        start => new SpeakerNode(
            new(start.Node, Namespace)
            {
                SendsHeartbeats = start.SendsHeartbeats,
                Membership = new("app=metallb,component=speaker", new(start.Address!.Value, MembershipBox.Port)),
            },
            start.Seed),
        start => LinkMachine.Of(new(LinkOptions(start), start.Seed)));

    [Fact]
    public void Moves_and_restarts_leave_no_question_unanswered_and_an_API_server_that_comes_back_is_not_stormed()
    {
        var run = new GapsRun(new() { Seed = 3, Moves = 10, MinutesAway = 3 }, Right);
        var stories = run.Run();
        Assert.Equal(3, stories.Count);
        Assert.All(stories, story => Assert.True(story.IsRight, story.ToString()));
        Assert.All(stories.Take(2), story => Assert.Equal(0, story.Unanswered));
        Assert.All(stories, story => Assert.InRange(story.Questions, 10_000, long.MaxValue));
    }

    [Fact]
    public void A_link_loop_that_falls_silent_before_its_successor_is_heard_is_found()
    {
        var hasty = Right with { Link = start => new(new Hasty(new(LinkOptions(start), start.Seed), out var node), () => node.Snapshot) };
        var stories = new GapsRun(new() { Seed = 3, Moves = 10, MinutesAway = 1 }, hasty).Run();
        Assert.False(stories[0].IsRight);
        Assert.InRange(stories[0].Unanswered, 1, 1_000);
    }

    [Fact]
    public void Questions_that_nobody_answers_are_counted_and_the_longest_gap_is_kept()
    {
        var world = new VirtualWorld(1);
        var segment = new LanSegment(world, "lan");
        var prober = new Prober(world, segment, LabAddress.Prober(0));
        IpAddress[] addresses = [IpAddress.V4(0x0A140001), IpAddress.V4(0x0A140002)];
        var host = new Answerer(world, segment, Instant.FromSeconds(1), Instant.FromSeconds(1) + TimeSpan.FromMilliseconds(200));
        var gaps = new GapChecker(world, prober);
        gaps.Start(addresses);
        world.RunUntil(Instant.FromSeconds(2));
        Assert.Equal((400, 40), (gaps.Questions, gaps.Unanswered));
        Assert.Equal(TimeSpan.FromMilliseconds(200), gaps.LongestGap());
        Assert.Equal(TimeSpan.Zero, gaps.LongestGap(_ => true));
        Assert.Equal(360, host.Answered);
    }

    private static LinkNodeOptions LinkOptions(LinkStart start) => new()
    {
        Heartbeats = new(start.Node, (ulong)start.Utc.ToUnixTimeMilliseconds(), start.HeartbeatInterval),
    };

    /// <summary>Drops what it announces at once instead of yielding it.</summary>
    private sealed class Hasty : IMachine<LinkInput, LinkOutput>
    {
        private readonly LinkNode _inner;

        public Hasty(LinkNode inner, out LinkNode node) => _inner = node = inner;

        public Instant? NextDeadline => _inner.NextDeadline;

        public void Handle(in LinkInput input, Instant now) => _inner.Handle(
            input.Command is LinkCommand.AnnounceService announce
                ? LinkInput.CommandReceived(announce with { Elsewhere = [] })
                : input,
            now);

        public void Advance(Instant now) => _inner.Advance(now);

        public bool TryTake(out LinkOutput output) => _inner.TryTake(out output);
    }

    /// <summary>Answers every request, but for a while.</summary>
    private sealed class Answerer : IFrameReceiver
    {
        private readonly VirtualWorld _world;
        private readonly LanPort _port;
        private readonly Instant _from;
        private readonly Instant _to;

        public Answerer(VirtualWorld world, LanSegment segment, Instant from, Instant to)
        {
            (_world, _from, _to) = (world, from, to);
            _port = segment.Connect("host", new MacAddress(0x02_00_00_00_00_07), this);
        }

        public int Answered { get; private set; }

        public void Receive(LanPort port, byte[] frame)
        {
            if (ArpFrame.Decode(frame) is not { IsReply: false } request || (_world.Now >= _from && _world.Now < _to))
                return;
            Answered++;
            _port.Segment.Send(_port, new ArpFrame
            {
                Destination = request.SenderMac,
                Source = _port.Mac,
                IsReply = true,
                SenderMac = _port.Mac,
                SenderIp = request.TargetIp,
                TargetMac = request.SenderMac,
                TargetIp = request.SenderIp,
            }.Encode());
        }
    }
}
