using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Commands;
using FerroLB.Lab.Scenarios;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>Speakers against routers that fail and misbehave: right loops pass, and each planted fault is found.</summary>
public sealed class RoutersRunTests
{
    [Fact]
    public void Speakers_keep_every_router_right_whatever_befalls_others_and_runs_repeat_themselves()
    {
        var first = Run(ProductMachines.Factory, seed: 1, minutes: 15);
        Assert.Null(first.Violation);
        Assert.True(first.RoutesCompared > 100);
        Assert.True(first.SessionsWatched > 0);
        Assert.True(first.Ended > 10);
        Assert.True(first.AnsweredFaults > 0);
        Assert.Equal(first.TraceHash, Run(ProductMachines.Factory, seed: 1, minutes: 15).TraceHash);
        Assert.NotEqual(first.TraceHash, Run(ProductMachines.Factory, seed: 2, minutes: 15).TraceHash);
    }

    [Fact]
    public void A_run_of_whole_clusters_has_routers_too()
    {
        var result = new SimRun(new() { Seed = 5, Minutes = 3, Nodes = 3, Routers = 2 }, ProductMachines.Factory).Run();
        Assert.Null(result.Violation);
        Assert.True(result.RoutesCompared > 20);
    }

    [Fact]
    public void Routes_that_are_never_withdrawn_are_found() => AssertFound(
        "which nobody is to advertise", input => input is BgpNodeInput.Commanded { Command: BgpCommand.AdvertiseServices advertise }
            ? new BgpNodeInput.Commanded(new BgpCommand.AdvertiseServices(
                [.. advertise.Services.Where(service => !service.Routes.IsEmpty)]))
            : input);

    [Fact]
    public void A_route_that_is_missing_is_found() => AssertFound(
        "has no route to", input => input is BgpNodeInput.Commanded { Command: BgpCommand.AdvertiseServices advertise }
            ? new BgpNodeInput.Commanded(new BgpCommand.AdvertiseServices(
                [.. advertise.Services.Select(service => service with { Routes = [.. service.Routes.Take(1)] })]))
            : input);

    [Fact]
    public void A_wrong_next_hop_is_found() => AssertFound(
        "instead of \"via", input => input is BgpNodeInput.Commanded { Command: BgpCommand.UseLinks use }
            ? new BgpNodeInput.Commanded(new BgpCommand.UseLinks([.. use.Links.Select(WithForeignAddresses)]))
            : input);

    [Fact]
    public void Sessions_that_end_because_another_one_did_are_found() =>
        AssertFound("lost a session while only other routers failed", node => new Nervous(node));

    [Fact]
    public void An_answer_to_a_wrong_message_that_is_not_what_the_RFC_says_is_found() => AssertFound(
        "and was told", input => input is BgpNodeInput.StreamHappened(var peer, BgpSessionInput.StreamBytes bytes)
            ? new BgpNodeInput.StreamHappened(peer, bytes with { Bytes = WithType9(bytes.Bytes) })
            : input);

    private static RoutersResult Run(MachineFactory machines, ulong seed, int minutes) => new RoutersRun(
        new() { Seed = seed, Peers = 4, Nodes = 2, Duration = TimeSpan.FromMinutes(minutes) }, machines).Run();

    private static void AssertFound(string words, Func<BgpNodeInput, BgpNodeInput> change) =>
        AssertFound(words, node => new Changed(node, change));

    private static void AssertFound(string words, Func<BgpNode, IMachine<BgpNodeInput, BgpNodeOutput>> spoil)
    {
        var machines = ProductMachines.Factory with { Bgp = start => spoil(new BgpNode(start.Node, start.Seed)) };
        var found = new List<string?>();
        for (ulong seed = 1; seed <= 4; seed++)
        {
            found.Add(Run(machines, seed, minutes: 30).Violation?.What);
            if (found[^1]?.Contains(words, StringComparison.Ordinal) == true)
                return;
        }
        Assert.Fail(string.Join('\n', found));
    }

    // The IPv6 address is the next hop of IPv6 routes on sessions over IPv4.
    private static LinkState WithForeignAddresses(LinkState link) => link with
    {
        Addresses =
        [
            .. link.Addresses.Select(entry => entry.Address is { IsIPv6: true, IsLinkLocal: false } address
                ? entry with { Address = IpAddress.V6(address.Value ^ 0x1000) }
                : entry),
        ],
    };

    // A wrong OPEN, or whatever message: it becomes one of a type that does not exist.
    private static byte[] WithType9(ReadOnlyMemory<byte> octets)
    {
        var changed = octets.ToArray();
        if (changed.Length > 18)
            changed[18] = 9;
        return changed;
    }

    private sealed class Changed(BgpNode inner, Func<BgpNodeInput, BgpNodeInput> change) : IMachine<BgpNodeInput, BgpNodeOutput>
    {
        public Instant? NextDeadline => inner.NextDeadline;

        public void Handle(in BgpNodeInput input, Instant now) => inner.Handle(change(input), now);

        public void Advance(Instant now) => inner.Advance(now);

        public bool TryTake(out BgpNodeOutput output) => inner.TryTake(out output);
    }

    /// <summary>Begins all sessions anew when one breaks.</summary>
    private sealed class Nervous(BgpNode inner) : IMachine<BgpNodeInput, BgpNodeOutput>
    {
        private ImmutableArray<BgpPeerWish> _peers = [];

        public Instant? NextDeadline => inner.NextDeadline;

        public void Handle(in BgpNodeInput input, Instant now)
        {
            if (input is BgpNodeInput.Commanded { Command: BgpCommand.HoldSessions hold })
                _peers = hold.Peers;
            inner.Handle(input, now);
            if (input is not BgpNodeInput.StreamHappened { Input: BgpSessionInput.StreamClosed or BgpSessionInput.StreamFailed })
                return;
            inner.Handle(new BgpNodeInput.Commanded(new BgpCommand.HoldSessions([])), now);
            inner.Handle(new BgpNodeInput.Commanded(new BgpCommand.HoldSessions(_peers)), now);
        }

        public void Advance(Instant now) => inner.Advance(now);

        public bool TryTake(out BgpNodeOutput output) => inner.TryTake(out output);
    }
}
