using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Ndp;

/// <summary>Others advertise an address that this node announces: the end of a hand-over, or a conflict.</summary>
public sealed class NdpHandOverTests
{
    private const string Ours = "2001:db8::10";

    private readonly NdpWorld _world = new NdpWorld().Links(NdpWorld.Eth0, NdpWorld.Eth1).Announce(Ours).PassTo(60_000).Forget();

    [Fact]
    public void A_yielded_address_is_answered_until_the_new_owner_is_heard_on_each_interface()
    {
        _world.Yield(Ours);
        Assert.True(Answers(NdpWorld.Eth0));
        _world.Receive(NdpWorld.Eth0, Advertisement(NdpFlags.Override, isToAll: true));
        Assert.False(Answers(NdpWorld.Eth0));
        Assert.True(Answers(NdpWorld.Eth1));
        _world.PassTo(61_000);
        Assert.False(Answers(NdpWorld.Eth1));
        Assert.Equal(["Released"], _world.TakeEvents());
        Assert.Contains("leave 3 ff02::1:ff00:10", _world.Orders);
    }

    [Theory]
    [InlineData(false, 255)]
    [InlineData(true, 64)]
    public void An_answer_to_one_client_or_a_packet_from_beyond_a_router_ends_nothing(bool isToAll, byte hopLimit)
    {
        _world.Yield(Ours);
        _world.Receive(NdpWorld.Eth0, Advertisement(NdpFlags.Override, isToAll, hopLimit));
        Assert.True(Answers(NdpWorld.Eth0));
    }

    [Theory]
    [InlineData(NdpFlags.Override, true)]
    [InlineData(NdpFlags.Solicited, false)]
    public void Advertisements_that_go_on_after_the_defence_are_a_conflict(NdpFlags flags, bool isToAll)
    {
        _world.Receive(NdpWorld.Eth0, Advertisement(flags, isToAll));
        _world.PassTo(62_000);
        Assert.Equal([60_250], _world.Sent.ConvertAll(sent => sent.AtMilliseconds));
        Assert.Empty(_world.TakeEvents());
        _world.Receive(NdpWorld.Eth0, Advertisement(flags, isToAll));
        Assert.Equal($"ConflictBegan on 2 by {NdpFrames.ClientMac}", _world.TakeEvents()[0]);
    }

    private static byte[] Advertisement(NdpFlags flags, bool isToAll, byte hopLimit = 255)
    {
        var target = IpAddress.Parse(Ours);
        var octets = new byte[16];
        target.Write(octets);
        byte[] message = [136, 0, 0, 0, (byte)flags, 0, 0, 0, .. octets, 2, 1, 0x02, 0, 0, 0, 0, 0xc1];
        return isToAll
            ? NdpFrames.Frame(NdpGroup.MacOf(NdpGroup.AllNodes), target, NdpGroup.AllNodes, message, hopLimit)
            : NdpFrames.Frame(NdpWorld.Eth0.Mac, target, NdpWorld.Eth0.LinkLocal, message, hopLimit);
    }

    private bool Answers(AnnouncingLink link) => _world.Receive(link, NdpFrames.Solicitation(Ours)) == NdpDropReason.None;
}
