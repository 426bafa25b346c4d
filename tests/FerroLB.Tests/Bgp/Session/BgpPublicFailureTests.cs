using System;
using System.Linq;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Tests.Bgp.Wire;
using Xunit;

namespace FerroLB.Tests.Bgp.Session;

/// <summary>Messages that made other implementations crash, or end sessions that need not end, said to a session.</summary>
public sealed class BgpPublicFailureTests
{
    private const uint PeerAsn = 64513;

    /// <summary>UPDATEs whose session is the plain one.</summary>
    public static TheoryData<string> Updates =>
        [.. BgpVectors.Names("malformed").Where(name => BgpVectors.Read("malformed", name)["session"] is null or "internal")];

    [Theory]
    [MemberData(nameof(Updates))]
    public void A_malformed_update_ends_the_session_only_where_the_standard_has_nothing_milder(string name)
    {
        var vector = BgpVectors.Read("malformed", name);
        var asn = vector["session"] == "internal" ? BgpSessionWorld.LocalAsn : PeerAsn;
        var world = new BgpSessionWorld(BgpSessionWorld.Config with { PeerAsn = asn, IPv6Unicast = true });
        world.Establish(BgpSessionWorld.PeerOpen(asn, more: new BgpCapability.MultiProtocol(BgpFamily.IPv6Unicast)));
        world.Forget();
        world.SayBytes(vector.Message);
        if (vector["action"] == nameof(BgpErrorAction.SessionReset))
        {
            Assert.Equal(BgpSessionState.Idle, world.State);
            Assert.Equal(BgpErrorCode.UpdateMessage, Assert.Single(world.NotificationsSent).Code);
            return;
        }
        Assert.Equal(BgpSessionState.Established, world.State);
        Assert.Empty(world.Sent);
        Assert.Equal(vector["action"] == nameof(BgpErrorAction.None) ? 0 : 1, world.Machine.Snapshot.Counters.FaultyUpdates);
    }

    /// <summary>Parameters that claim to be extended (RFC 9072) and are cut, capabilities longer than what holds them, and parameters of
    /// length 0, which made bgpd of FRR read beyond its buffer.</summary>
    [Theory]
    [InlineData("04 fc01 005a 0a000002 ff ff")]
    [InlineData("04 fc01 005a 0a000002 ff ff 00")]
    [InlineData("04 fc01 005a 0a000002 ff ff ffff 02")]
    [InlineData("04 fc01 005a 0a000002 ff ff 0002 02 00")]
    [InlineData("04 fc01 005a 0a000002 ff ff 0003 02 ffff")]
    [InlineData("04 fc01 005a 0a000002 ff ff 0005 02 0003 41 04")]
    [InlineData("04 fc01 005a 0a000002 03 02 06 41")]
    [InlineData("04 fc01 005a 0a000002 04 02 02 41 ff")]
    [InlineData("04 fc01 005a 0a000002 01 02")]
    [InlineData("04 fc01 005a 0a000002 02 00 00")]
    [InlineData("04 fc01 005a 0a000002 10 02 0e 40 0c 0078 000101 80 000201 80 ff")]
    public void An_open_that_made_others_crash_is_refused_and_the_peer_is_tried_again(string body)
    {
        var world = new BgpSessionWorld(BgpSessionWorld.Config with { PeerAsn = PeerAsn }).Start().Connect();
        world.SayBytes(BgpOctets.Message(BgpMessageType.Open, BgpOctets.Hex(body)));
        Assert.Equal(BgpSessionState.Idle, world.State);
        Assert.Equal(BgpErrorCode.OpenMessage, Assert.Single(world.NotificationsSent).Code);
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(BgpSessionState.Connect, world.State);
    }

    /// <summary>Shutdown texts longer than their message or than 255 octets allow, not UTF-8, within a hard reset within a hard reset, and
    /// codes that nobody knows, which made bird 3 crash.</summary>
    [Theory]
    [InlineData("06 02 ff")]
    [InlineData("06 02 80 41")]
    [InlineData("06 04 ff c3")]
    [InlineData("06 02 04 ffffffff")]
    [InlineData("06 02 03 e28281 00000000")]
    [InlineData("06 09")]
    [InlineData("06 09 06")]
    [InlineData("06 09 06 09 06 09 06 02 ff 41")]
    [InlineData("06 ff 00")]
    [InlineData("00 00")]
    [InlineData("ff ff ffffffff")]
    [InlineData("02 07 01")]
    [InlineData("01 02 00")]
    [InlineData("03 01 80")]
    public void A_notification_that_made_others_crash_ends_the_session_in_every_state_and_nothing_else(string body)
    {
        byte[][] bodies = [BgpOctets.Hex(body), [.. BgpOctets.Hex(body), .. Enumerable.Repeat((byte)0xC3, 4000)]];
        foreach (var octets in bodies)
        {
            for (var state = BgpSessionState.OpenSent; state <= BgpSessionState.Established; state++)
            {
                var world = new BgpSessionWorld().Start().Connect();
                if (state >= BgpSessionState.OpenConfirm)
                    world.Confirm();
                if (state >= BgpSessionState.Established)
                    world.SayKeepAlive();
                Assert.Equal(state, world.State);
                world.Forget();
                world.SayBytes(BgpOctets.Message(BgpMessageType.Notification, octets));
                Assert.NotEqual(state, world.State);
                Assert.Empty(world.Sent);
                Assert.Equal([world.Stream], world.Closed);
                Assert.Equal(BgpErrorCause.NotificationReceived, world.Error.Cause);
                Assert.InRange(world.Error.Text.Length, 1, 1_000);
                world.Run(TimeSpan.FromSeconds(6));
                Assert.NotEmpty(world.Attempts);
            }
        }
    }

    /// <summary>A peer flapped for ever, because each establishment reset the time for which it was held back.</summary>
    [Fact]
    public void A_peer_that_refuses_each_session_soon_after_it_began_is_left_alone_more_and_more()
    {
        var world = new BgpSessionWorld().Start();
        var sessions = 0;
        for (var until = world.Now + TimeSpan.FromHours(1); world.Now < until; world.Run(TimeSpan.FromMilliseconds(100)))
        {
            if (world.State != BgpSessionState.Connect)
                continue;
            world.Establish();
            sessions++;
            world.Say(BgpNotification.Update(BgpUpdateSubcode.MalformedAttributeList));
        }
        Assert.InRange(sessions, 30, 37);
    }
}
