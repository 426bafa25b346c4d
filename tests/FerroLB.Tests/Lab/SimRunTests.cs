using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FerroLB.Core;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Scenarios;
using FerroLB.Lab.Workloads;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>Whole runs: right machines pass, and each planted fault is found by the checker that is there for it.</summary>
public sealed class SimRunTests
{
    private const string Namespace = "metallb-system";

    private static readonly MachineFactory Right = new(
        start => new ControllerNode(
            new()
            {
                Namespace = Namespace,
                LoadBalancerClass = start.LoadBalancerClass,
                PodName = start.Name,
                Election = start.Elects ? new() { Namespace = Namespace, Identity = start.Identity } : null,
            },
            start.Seed),
        start => MakeSpeaker(start, start.Node),
        start => LinkMachine.Of(new(LinkOptions(start), start.Seed)));

    private static int s_runs;

    [Theory]
    [InlineData(FaultKinds.None)]
    [InlineData(FaultKinds.All)]
    public void A_run_with_the_products_machines_keeps_every_promise_and_repeats_itself(FaultKinds faults)
    {
        var first = Run(Right, 11, faults);
        Assert.Null(first.Violation);
        Assert.True(first.Assignments > 5);
        Assert.True(first.OwnersCompared > 20);
        Assert.Equal(first.TraceHash, Run(Right, 11, faults).TraceHash);
        Assert.NotEqual(first.TraceHash, Run(Right, 12, faults).TraceHash);
    }

    [Fact]
    public void Two_nodes_that_answer_for_one_address_are_found()
    {
        var doubled = Right with { Speaker = start => new Alone(MakeSpeaker(start, start.Node), mostMembers: 0) };
        var found = "";
        for (ulong seed = 1; seed <= 4 && !found.Contains("two nodes have answered for", StringComparison.Ordinal); seed++)
            found += Run(doubled, seed, FaultKinds.None).Violation?.What;
        Assert.Contains("two nodes have answered for", found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_owner_is_found()
    {
        var swapped = Right with
        {
            Speaker = start => MakeSpeaker(
                start, start.Node switch { "node-1" => "node-2", "node-2" => "node-1", var name => name }),
        };
        AssertFound("instead of", Run(swapped, 1, FaultKinds.None));
    }

    [Fact]
    public void An_address_that_nobody_answers_for_is_found()
    {
        var silent = Right with { Speaker = _ => new Mute() };
        AssertFound("is answered by nobody", Run(silent, 1, FaultKinds.None));
    }

    [Fact]
    public void Services_that_get_no_address_are_found()
    {
        var idle = Right with { Controller = _ => new Mute() };
        AssertFound("has no address although", Run(idle, 1, FaultKinds.None));
    }

    [Fact]
    public void A_speaker_that_gives_up_when_the_api_server_leaves_is_found()
    {
        var nervous = Right with { Speaker = start => new Nervous(MakeSpeaker(start, start.Node)) };
        var found = false;
        for (ulong seed = 1; seed <= 4 && !found; seed++)
            found = Run(nervous, seed, FaultKinds.ApiAway).Violation is not null;
        Assert.True(found);
    }

    [Fact]
    public void A_speaker_that_never_hears_of_the_death_or_return_of_others_is_found() => AssertFoundWithin(
        3, 8, Right with { Speaker = start => new Alone(MakeSpeaker(start, start.Node), mostMembers: 3) }, FaultKinds.Crash);

    [Theory]
    [InlineData(LinkOutputKind.JoinGroup)]
    [InlineData(LinkOutputKind.SetNdpFilter)]
    [InlineData(LinkOutputKind.SetArpFilter)]
    public void A_link_loop_that_does_not_listen_is_found(LinkOutputKind forgotten) => AssertFoundWithin(
        3, 4, Right with { Link = start => Forgetting(start, output => output.Kind == forgotten) }, FaultKinds.None);

    [Fact]
    public void A_link_loop_that_answers_on_after_it_was_told_to_stop_is_found() => AssertFoundWithin(
        3, 4, Right with { Link = start => Obstinate(start) }, FaultKinds.None);

    [Fact]
    public void Two_controllers_that_both_lead_are_found() => AssertFoundWithin(
        20, Right with { Controller = start => Right.Controller(start with { Elects = false }) }, FaultKinds.Watches);

    [Fact]
    public void A_controller_whose_writes_do_not_say_what_they_are_based_on_is_found() => AssertFoundWithin(
        20, Right with { Controller = start => new Heedless(Right.Controller(start)) }, FaultKinds.ApiErrors | FaultKinds.Pause);

    [Fact]
    public void A_controller_that_takes_no_notice_of_sharing_is_found() => AssertFoundWithin(
        20, Right with { Controller = start => new Deaf(Right.Controller(start), "ports") }, FaultKinds.None);

    [Fact]
    public void A_controller_that_takes_no_notice_of_requests_is_found() => AssertFoundWithin(
        20, Right with { Controller = start => new Deaf(Right.Controller(start), "metallb.io/loadBalancerIPs") }, FaultKinds.None);

    [Fact]
    public void A_cluster_is_not_at_rest_before_every_suspicion_among_its_speakers_is_refuted()
    {
        var world = new VirtualWorld(5);
        var cluster = new LabCluster(world, Right, new(3, 1, 1, Elects: false, "", HasMembership: true));
        var mirror = new StoreMirror(cluster.Api);
        var pools = new PoolHistory(world);
        var rest = new RestChecker(cluster, mirror, pools, new(cluster, new(world, mirror, pools)));
        var workload = new Workload(cluster, new());
        workload.Define();
        mirror.Reopen();
        cluster.Api.Written = _ => mirror.Refresh();
        workload.Prepare();
        cluster.Start();
        Until(world, 60, () => cluster.Nodes.All(node => node.Members!.Machine.Snapshot.Members.Count(member => member.IsPresent) == 3));
        Until(world, 10, () => rest.OpenSuspicion() is null);

        cluster.Nodes[2].SetCarrier(0, false);
        Until(world, 10, () => rest.OpenSuspicion() is not null);
        Assert.Contains("suspects node-", rest.OpenSuspicion(), StringComparison.Ordinal);
        cluster.Nodes[2].SetCarrier(0, true);
        Until(world, 75, () => rest.OpenSuspicion() is null);
    }

    [Fact]
    public void A_machine_that_throws_is_found() =>
        AssertFound("threw on an input", Run(Right with { Controller = _ => new Thrower() }, 1, FaultKinds.None));

    [Fact]
    public void A_machine_that_is_not_decided_by_its_seed_changes_the_hash()
    {
        // Stands for a framework hash, an address in memory or a clock: something that is other in another process.
        var undecided = Right with { Controller = start => Right.Controller(start with { Seed = start.Seed + (ulong)s_runs }) };
        s_runs = 1;
        var first = Run(undecided, 3, FaultKinds.None).TraceHash;
        s_runs = 2;
        Assert.NotEqual(first, Run(undecided, 3, FaultKinds.None).TraceHash);
    }

    [Fact]
    public void A_violation_comes_with_its_last_trace_lines()
    {
        var result = Run(Right with { Controller = _ => new Thrower() }, 1, FaultKinds.None);
        Assert.NotEmpty(result.Tail);
        Assert.Contains(result.Tail, line => line.Contains("VIOLATION", StringComparison.Ordinal));
    }

    private static void Until(VirtualWorld world, int mostSeconds, Func<bool> condition)
    {
        for (var tenths = 10 * mostSeconds; tenths > 0 && !condition(); tenths--)
            world.RunUntil(world.Now + TimeSpan.FromSeconds(0.1));
        Assert.Null(world.Violation);
        Assert.True(condition());
    }

    private static SimResult Run(MachineFactory machines, ulong seed, FaultKinds faults) =>
        new SimRun(new SimOptions { Seed = seed, Minutes = 3, Nodes = 3, Faults = faults }, machines).Run();

    private static SpeakerNode MakeSpeaker(SpeakerStart start, string node) =>
        new(
            new(node, Namespace)
            {
                LoadBalancerClass = start.LoadBalancerClass,
                SendsHeartbeats = start.SendsHeartbeats,
                Membership = start.Address is { } address
                    ? new("app=metallb,component=speaker", new(address, MembershipBox.Port))
                    : null,
            },
            start.Seed);

    private static LinkNodeOptions LinkOptions(LinkStart start) => new()
    {
        Heartbeats = start.HeartbeatInterval > TimeSpan.Zero
            ? new(start.Node, (ulong)start.Utc.ToUnixTimeMilliseconds(), start.HeartbeatInterval)
            : null,
    };

    // Two controllers and no nodes: all there is to find is about addresses.
    private static void AssertFoundWithin(ulong seeds, MachineFactory machines, FaultKinds faults) =>
        AssertFoundWithin(0, seeds, machines, faults);

    private static void AssertFoundWithin(int nodes, ulong seeds, MachineFactory machines, FaultKinds faults)
    {
        for (ulong seed = 1; seed <= seeds; seed++)
        {
            var options = new SimOptions { Seed = seed, Minutes = 3, Nodes = nodes, Controllers = 2, Faults = faults };
            if (new SimRun(options, machines).Run().Violation is not null)
                return;
        }
        Assert.Fail($"nothing was found within {seeds} seeds");
    }

    // Forgets some orders of the right machine.
    private static LinkMachine Forgetting(LinkStart start, Predicate<LinkOutput> forgets)
    {
        var node = new LinkNode(LinkOptions(start), start.Seed);
        return new(new LinkFilter(node, _ => true, output => !forgets(output)), () => node.Snapshot);
    }

    private static LinkMachine Obstinate(LinkStart start)
    {
        var node = new LinkNode(LinkOptions(start), start.Seed);
        return new(new LinkFilter(node, input => input.Command is not LinkCommand.RetractService, _ => true), () => node.Snapshot);
    }

    private static void AssertFound(string words, SimResult result)
    {
        Assert.NotNull(result.Violation);
        Assert.True(result.Violation.What.Contains(words, StringComparison.Ordinal), result.Violation.What);
    }

    private sealed class LinkFilter(LinkNode inner, Predicate<LinkInput> hears, Predicate<LinkOutput> orders) :
        IMachine<LinkInput, LinkOutput>
    {
        public Instant? NextDeadline => inner.NextDeadline;

        public void Handle(in LinkInput input, Instant now)
        {
            if (hears(input))
                inner.Handle(input, now);
        }

        public void Advance(Instant now) => inner.Advance(now);

        public bool TryTake(out LinkOutput output)
        {
            while (inner.TryTake(out output))
            {
                if (orders(output))
                    return true;
            }
            return false;
        }
    }

    /// <summary>Hears of members until there are so many, and of no change by membership or heartbeats later.</summary>
    private sealed class Alone(SpeakerNode inner, int mostMembers) : IMachine<NodeInput, NodeOutput>
    {
        private bool _isFull;

        public Instant? NextDeadline => inner.NextDeadline;

        public void Handle(in NodeInput input, Instant now)
        {
            if (_isFull && input is NodeInput.LinkReported { Report: LinkReport.PeersChanged })
                return;
            if (input is NodeInput.MembersReported members)
            {
                if (_isFull || mostMembers == 0)
                    return;
                _isFull = members.Picture.Members.Length >= mostMembers;
            }
            inner.Handle(input, now);
        }

        public void Advance(Instant now) => inner.Advance(now);

        public bool TryTake(out NodeOutput output) => inner.TryTake(out output);
    }

    private sealed class Mute : IMachine<NodeInput, NodeOutput>
    {
        public Instant? NextDeadline => null;

        public void Handle(in NodeInput input, Instant now)
        {
        }

        public void Advance(Instant now)
        {
        }

        public bool TryTake(out NodeOutput output)
        {
            output = null!;
            return false;
        }
    }

    private sealed class Thrower : IMachine<NodeInput, NodeOutput>
    {
        public Instant? NextDeadline => null;

        public void Handle(in NodeInput input, Instant now) => throw new InvalidOperationException("planted");

        public void Advance(Instant now)
        {
        }

        public bool TryTake(out NodeOutput output)
        {
            output = null!;
            return false;
        }
    }

    /// <summary>Leaves out of its patches which version they were computed from.</summary>
    private sealed class Heedless(IMachine<NodeInput, NodeOutput> inner) : IMachine<NodeInput, NodeOutput>
    {
        public Instant? NextDeadline => inner.NextDeadline;

        public void Handle(in NodeInput input, Instant now) => inner.Handle(input, now);

        public void Advance(Instant now) => inner.Advance(now);

        public bool TryTake(out NodeOutput output)
        {
            if (!inner.TryTake(out output))
                return false;
            if (output is NodeOutput.SendKubeRequest { Request: { Verb: KubeVerb.Patch, Subresource: "status" } request })
            {
                var body = Encoding.UTF8.GetString(request.Body.Span).Replace("\"resourceVersion\":", "\"x\":", StringComparison.Ordinal);
                output = new NodeOutput.SendKubeRequest(request with { Body = Encoding.UTF8.GetBytes(body) });
            }
            return true;
        }
    }

    /// <summary>Never hears of one field, wherever it stands.</summary>
    private sealed class Deaf(IMachine<NodeInput, NodeOutput> inner, string field) : IMachine<NodeInput, NodeOutput>
    {
        public Instant? NextDeadline => inner.NextDeadline;

        public void Handle(in NodeInput input, Instant now) => inner.Handle(
            input switch
            {
                NodeInput.WatchEventReceived line => line with { Line = Muffle(line.Line) },
                NodeInput.KubeResponded answer => new NodeInput.KubeResponded(answer.Response with { Body = Muffle(answer.Response.Body) }),
                _ => input,
            },
            now);

        public void Advance(Instant now) => inner.Advance(now);

        public bool TryTake(out NodeOutput output) => inner.TryTake(out output);

        private byte[] Muffle(ReadOnlyMemory<byte> body) => Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(body.Span).Replace($"\"{field}\":", "\"unheard\":", StringComparison.Ordinal));
    }

    /// <summary>Retracts everything as soon as a watch closes, as if an API server that is away had said that nothing exists.</summary>
    private sealed class Nervous(SpeakerNode inner) : IMachine<NodeInput, NodeOutput>
    {
        private readonly SortedSet<ObjectKey> _announced = [];
        private readonly Queue<NodeOutput> _extra = new();

        public Instant? NextDeadline => inner.NextDeadline;

        public void Handle(in NodeInput input, Instant now)
        {
            inner.Handle(input, now);
            if (input is not NodeInput.WatchClosed)
                return;
            foreach (var service in _announced)
                _extra.Enqueue(new NodeOutput.CommandLink(new LinkCommand.RetractService(service)));
            _announced.Clear();
        }

        public void Advance(Instant now) => inner.Advance(now);

        public bool TryTake(out NodeOutput output)
        {
            if (_extra.TryDequeue(out output!))
                return true;
            if (!inner.TryTake(out output))
                return false;
            if (output is NodeOutput.CommandLink { Command: LinkCommand.AnnounceService announce })
                _announced.Add(announce.Service);
            return true;
        }
    }
}
