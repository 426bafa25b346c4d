using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bfd;

/// <summary>One engine, and a peer that says what the test wants it to say.</summary>
internal sealed class BfdWorld
{
    public static readonly IpAddress Local = IpAddress.Parse("192.0.2.1");
    public static readonly IpAddress Peer = IpAddress.Parse("192.0.2.2");
    public static readonly BfdSessionKey SingleHop = new(false, Peer, Local, 3);
    public static readonly BfdSessionKey MultiHop = new(true, Peer, Local);

    private const uint PeerDiscriminator = 0x77;

    public BfdWorld(ulong seed = 1) => Engine = new(new SeededRandom(seed));

    public BfdEngineMachine Engine { get; }

    public Instant Now { get; private set; } = Instant.FromSeconds(100);

    /// <summary>Control packets sent, with their time.</summary>
    public List<(Instant At, BfdPacket Packet)> Sent { get; } = [];

    public List<(Instant At, byte[] Payload, int TimeToLive)> EchoesSent { get; } = [];

    public List<(Instant At, BfdStateChange Change)> Changes { get; } = [];

    public List<BfdOutput> SocketOrders { get; } = [];

    public BfdPacket LastSent => Sent[^1].Packet;

    public BfdSessionSnapshot Session => Assert.Single(Engine.Sessions);

    /// <summary>How the peer is when the test does not say otherwise: 300 ms both ways, no echo.</summary>
    public BfdPacket PeerSays(BfdState state) =>
        new(state, BfdDiagnostic.None, 3, PeerDiscriminator, Session.LocalDiscriminator, 300_000, 300_000, 0);

    public static BfdWorld With(BfdSessionKey key, BfdSessionConfig? config = null, ulong seed = 1)
    {
        var world = new BfdWorld(seed);
        world.Want(key, config ?? new());
        return world;
    }

    /// <summary>A world whose session is up and has finished its Poll.</summary>
    public static BfdWorld Up(BfdSessionConfig? config = null, BfdSessionKey? key = null, Func<BfdPacket, BfdPacket>? peer = null)
    {
        var world = With(key ?? SingleHop, config);
        peer ??= packet => packet;
        world.Receive(peer(world.PeerSays(BfdState.Down)));
        world.Receive(peer(world.PeerSays(BfdState.Init)));
        world.Receive(peer(world.PeerSays(BfdState.Up)) with { IsFinal = true });
        Assert.Equal(BfdState.Up, world.Session.State);
        world.Forget();
        return world;
    }

    public void Want(BfdSessionKey key, BfdSessionConfig config) => Handle(BfdInput.SessionWanted(key, config));

    public BfdDropReason Receive(BfdPacket packet, BfdChannel? channel = null, int timeToLive = 255)
    {
        var bytes = new byte[BfdPacket.SizeBytes];
        var writer = new ByteWriter(bytes);
        packet.Write(ref writer);
        return Receive(bytes, channel ?? Engine.Sessions[0].Key.Channel, timeToLive);
    }

    public BfdDropReason Receive(byte[] bytes, BfdChannel channel, int timeToLive = 255, IpAddress? from = null, int linkIndex = 3)
    {
        Handle(BfdInput.DatagramReceived(channel, from ?? Peer, Local, linkIndex, timeToLive, bytes));
        return Engine.LastVerdict;
    }

    public void Handle(in BfdInput input)
    {
        Engine.Handle(input, Now);
        Drain();
    }

    /// <summary>Lets time pass and does all that falls due, on time.</summary>
    public void Run(TimeSpan span)
    {
        var end = Now + span;
        while (Engine.NextDeadline is { } due && due <= end)
        {
            Assert.True(Engine.Advancing(due > Now ? due : Now), "the deadline did not move");
            Now = due > Now ? due : Now;
            Drain();
        }
        Now = end;
    }

    /// <summary>Time passes while the peer goes on saying the same, often enough.</summary>
    public void RunWithPeer(TimeSpan span, BfdPacket packet)
    {
        var step = TimeSpan.FromMilliseconds(100);
        for (var past = TimeSpan.Zero; past < span; past += step)
        {
            Receive(packet);
            Run(step);
        }
    }

    public void Forget()
    {
        Sent.Clear();
        EchoesSent.Clear();
        Changes.Clear();
        SocketOrders.Clear();
    }

    public TimeSpan[] Gaps() => [.. Sent.Zip(Sent.Skip(1), (earlier, later) => later.At - earlier.At)];

    private void Drain()
    {
        while (Engine.TryTake(out var output))
            Take(output);
    }

    private void Take(in BfdOutput output)
    {
        switch (output.Kind)
        {
            case BfdOutputKind.SendDatagram when output.Channel == BfdChannel.Echo:
                EchoesSent.Add((Now, output.Payload.ToArray(), output.TimeToLive));
                break;
            case BfdOutputKind.SendDatagram:
                Assert.Equal(BfdDropReason.None, BfdPacket.Read(output.Payload.Span, out var packet));
                Assert.Equal(255, output.TimeToLive);
                Sent.Add((Now, packet));
                break;
            case BfdOutputKind.TellState:
                Changes.Add((Now, output.Change));
                break;
            default:
                SocketOrders.Add(output);
                break;
        }
    }
}
