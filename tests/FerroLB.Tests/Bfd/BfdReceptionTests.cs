using System;
using System.Linq;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bfd;

public sealed class BfdReceptionTests
{
    /// <summary>What is done to a good packet, and the verdict on what comes of it.</summary>
    public static TheoryData<string, BfdDropReason> Damages => new()
    {
        { "none", BfdDropReason.None },
        { "version 0", BfdDropReason.Version },
        { "version 2", BfdDropReason.Version },
        { "length 23", BfdDropReason.Length },
        { "length 25 of 24", BfdDropReason.Length },
        { "authenticated and 24 long", BfdDropReason.Length },
        { "multiplier 0", BfdDropReason.DetectMultiplier },
        { "multipoint", BfdDropReason.Multipoint },
        { "my discriminator 0", BfdDropReason.MyDiscriminator },
        { "your discriminator 0 and Init", BfdDropReason.YourDiscriminatorMissing },
        { "your discriminator 0 and Up", BfdDropReason.YourDiscriminatorMissing },
        { "your discriminator unknown", BfdDropReason.UnknownSession },
        { "authenticated", BfdDropReason.Authentication },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Each_check_of_the_standard_has_its_reason(string damage, BfdDropReason verdict)
    {
        var world = BfdWorld.With(BfdWorld.SingleHop);
        Assert.Equal(verdict, world.Receive(Damaged(world, damage), BfdChannel.SingleHop));
        Assert.Equal(verdict == BfdDropReason.None ? BfdState.Init : BfdState.Down, world.Session.State);
        Assert.Equal(verdict == BfdDropReason.None ? 1 : 0, world.Session.Counters.ControlIn);
        Assert.Equal(Counted(verdict), world.Engine.Drops);
    }

    [Fact]
    public void Octets_after_the_packet_are_ignored()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop);
        Assert.Equal(BfdDropReason.None, world.Receive([.. Damaged(world, "none"), 1, 2, 3], BfdChannel.SingleHop));
    }

    [Theory]
    [InlineData(false, 254, 255, BfdDropReason.None)]
    [InlineData(false, 254, 254, BfdDropReason.TimeToLive)]
    [InlineData(true, 254, 254, BfdDropReason.None)]
    [InlineData(true, 254, 253, BfdDropReason.TimeToLive)]
    [InlineData(true, 10, 10, BfdDropReason.None)]
    [InlineData(true, 10, 9, BfdDropReason.TimeToLive)]
    public void A_packet_that_made_too_many_hops_is_dropped(bool isMultiHop, int minimumTtl, int timeToLive, BfdDropReason verdict)
    {
        var world = BfdWorld.With(
            isMultiHop ? BfdWorld.MultiHop : BfdWorld.SingleHop, new BfdSessionConfig { MinimumTtl = minimumTtl });
        Assert.Equal(verdict, world.Receive(world.PeerSays(BfdState.Down), timeToLive: timeToLive));
        Assert.Equal(Counted(verdict), world.Engine.Drops);
    }

    [Theory]
    [InlineData("192.0.2.2", 3, BfdChannel.SingleHop, BfdDropReason.None)]
    [InlineData("192.0.2.3", 3, BfdChannel.SingleHop, BfdDropReason.UnknownSession)]
    [InlineData("192.0.2.2", 4, BfdChannel.SingleHop, BfdDropReason.UnknownSession)]
    [InlineData("192.0.2.2", 3, BfdChannel.MultiHop, BfdDropReason.UnknownSession)]
    public void A_discriminator_opens_its_own_session_only(string from, int linkIndex, BfdChannel channel, BfdDropReason verdict)
    {
        foreach (var named in new[] { true, false })
        {
            var world = BfdWorld.With(BfdWorld.SingleHop);
            var packet = Damaged(world, named ? "none" : "your discriminator 0");
            Assert.Equal(verdict, world.Receive(packet, channel, from: IpAddress.Parse(from), linkIndex: linkIndex));
        }
    }

    [Fact]
    public void A_session_without_an_interface_hears_its_peer_on_any()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop with { LinkIndex = 0, Local = null });
        Assert.Equal(BfdDropReason.None, world.Receive(Damaged(world, "none"), BfdChannel.SingleHop, linkIndex: 9));
    }

    [Fact]
    public void Each_of_several_sessions_hears_its_own_packets()
    {
        var world = new BfdWorld();
        for (var i = 0; i < 64; i++)
            world.Want(new(i % 2 == 1, IpAddress.V4(0xC0000200u + (uint)i), BfdWorld.Local), new());
        var sessions = world.Engine.Sessions;
        Assert.Equal(64, sessions.Select(session => session.LocalDiscriminator).Distinct().Count());
        Assert.Equal(64, world.SocketOrders.Select(order => order.Options!.SourcePort).Distinct().Count());
        var chosen = sessions[41];
        world.Receive(
            Bytes(new(BfdState.Down, BfdDiagnostic.None, 3, 9, chosen.LocalDiscriminator, 300_000, 300_000, 0)), BfdChannel.MultiHop,
            from: chosen.Key.Peer);
        Assert.Equal([41], world.Engine.Sessions.Index().Where(pair => pair.Item.State == BfdState.Init).Select(pair => pair.Index));
    }

    [Fact]
    public void The_socket_is_ordered_as_the_standard_wants_it()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop);
        var single = Assert.Single(world.SocketOrders).Options!;
        Assert.Equal((3784, 255, 0xC0), (single.DestinationPort, single.TimeToLive, single.TrafficClass));
        Assert.InRange(single.SourcePort, 49_152, 65_535);
        Assert.Equal(BfdWorld.SingleHop, single.Key);
        Assert.Equal(4784, Assert.Single(BfdWorld.With(BfdWorld.MultiHop).SocketOrders).Options!.DestinationPort);
    }

    [Fact]
    public void A_port_that_is_taken_is_replaced_by_the_next_a_second_later()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop);
        var first = Assert.Single(world.SocketOrders);
        world.Forget();
        world.Handle(BfdInput.SocketFailed(first.Session));
        Assert.Empty(world.SocketOrders);
        world.Run(TimeSpan.FromSeconds(1));
        var second = Assert.Single(world.SocketOrders);
        Assert.Equal(first.Session, second.Session);
        Assert.NotEqual(first.Options!.SourcePort, second.Options!.SourcePort);
    }

    private static byte[] Damaged(BfdWorld world, string damage)
    {
        var bytes = Bytes(world.PeerSays(BfdState.Down));
        switch (damage)
        {
            case "version 0": bytes[0] = 0x00; break;
            case "version 2": bytes[0] = 0x40; break;
            case "length 23": bytes[3] = 23; break;
            case "length 25 of 24": bytes[3] = 25; break;
            case "authenticated and 24 long": bytes[1] |= 0x04; break;
            case "multiplier 0": bytes[2] = 0; break;
            case "multipoint": bytes[1] |= 0x01; break;
            case "my discriminator 0": bytes.AsSpan(4, 4).Clear(); break;
            case "your discriminator 0": bytes.AsSpan(8, 4).Clear(); break;
            case "your discriminator 0 and Init":
                bytes.AsSpan(8, 4).Clear();
                bytes[1] = (byte)BfdState.Init << 6;
                break;
            case "your discriminator 0 and Up":
                bytes.AsSpan(8, 4).Clear();
                bytes[1] = (byte)BfdState.Up << 6;
                break;
            case "your discriminator unknown": bytes[8] ^= 0xFF; break;
            case "authenticated":
                bytes[1] |= 0x04;
                bytes[3] = 33;
                return [.. bytes, 1, 9, 1, .. "secret"u8];
        }
        return bytes;
    }

    private static byte[] Bytes(BfdPacket packet)
    {
        var bytes = new byte[BfdPacket.SizeBytes];
        var writer = new ByteWriter(bytes);
        packet.Write(ref writer);
        return bytes;
    }

    private static BfdDropCounts Counted(BfdDropReason reason)
    {
        long Of(BfdDropReason counted) => counted == reason ? 1 : 0;
        return new(
            Of(BfdDropReason.Version), Of(BfdDropReason.Length), Of(BfdDropReason.DetectMultiplier), Of(BfdDropReason.Multipoint),
            Of(BfdDropReason.MyDiscriminator), Of(BfdDropReason.YourDiscriminatorMissing), Of(BfdDropReason.UnknownSession),
            Of(BfdDropReason.TimeToLive), Of(BfdDropReason.Authentication), Of(BfdDropReason.AdministrativelyDown),
            Of(BfdDropReason.Echo), 0);
    }
}
