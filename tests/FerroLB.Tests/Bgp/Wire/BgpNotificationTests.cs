using System;
using FerroLB.Protocols.Bgp.Wire;
using Xunit;

namespace FerroLB.Tests.Bgp.Wire;

public sealed class BgpNotificationTests
{
    [Fact]
    public void A_shutdown_text_is_written_with_its_length()
    {
        var octets = BgpOctets.Written(output =>
            BgpMessageWriter.WriteNotification(output, BgpNotification.Cease(BgpCeaseSubcode.AdministrativeShutdown, "bye")));
        Assert.Equal("0019 03 06 02 03 627965".Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(octets.AsSpan(16)));
        var read = BgpNotification.Read(BgpOctets.FrameOf(octets).Body.Span);
        Assert.Equal("bye", read.Text);
        Assert.Equal("Cease/Administrative Shutdown: \"bye\"", read.ToString());
    }

    [Fact]
    public void A_long_text_is_cut_between_characters()
    {
        var text = BgpNotification.Cease(BgpCeaseSubcode.AdministrativeReset, new string('é', 200));
        Assert.Equal(new string('é', 127), text.Text);
        Assert.Equal(255, text.Data.Length);
    }

    [Fact]
    public void Other_reasons_carry_no_text() =>
        Assert.True(BgpNotification.Cease(BgpCeaseSubcode.PeerDeconfigured, "bye").Data.IsEmpty);

    [Theory]
    [InlineData("06 02", null)]
    [InlineData("06 02 00", null)]
    [InlineData("06 02 05 6162", null)]
    [InlineData("06 02 02 61620a", "ab")]
    [InlineData("06 04 03 610a62", "a\uFFFDb")]
    [InlineData("06 02 02 ff61", "\uFFFDa")]
    [InlineData("06 03 02 6162", null)]
    [InlineData("05 02 02 6162", null)]
    [InlineData("06 09 06 02 02 6162", "ab")]
    [InlineData("06 09 06 09 06 02 02 6162", null)]
    [InlineData("06 09 06", null)]
    public void Only_a_sound_text_is_shown(string body, string? text) =>
        Assert.Equal(text, BgpNotification.Read(BgpOctets.Hex(body)).Text);

    [Fact]
    public void A_hard_reset_encloses_its_reason()
    {
        var reset = BgpNotification.HardReset(BgpNotification.Cease(BgpCeaseSubcode.AdministrativeReset, "x"));
        Assert.Equal("0604" + "0178", Convert.ToHexStringLower(reset.Data.Span));
        Assert.Equal(BgpNotification.Cease(BgpCeaseSubcode.AdministrativeReset, "x"), reset.Enclosed);
        Assert.Equal("Cease/Hard Reset (Cease/Administrative Reset: \"x\")", reset.ToString());
        Assert.Equal("Cease/Hard Reset (Cease/Hard Reset)", BgpNotification.HardReset(reset).ToString());
    }

    [Fact]
    public void Every_code_and_subcode_has_words()
    {
        for (var code = 0; code < 256; code++)
        {
            for (var subcode = 0; subcode < 256; subcode++)
                Assert.NotEmpty(new BgpNotification((BgpErrorCode)code, (byte)subcode, default).ToString());
        }
        Assert.Equal("Hold Timer Expired", BgpNotification.HoldTimerExpired.ToString());
        Assert.Equal("Cease/BFD Down", BgpNotification.Cease(BgpCeaseSubcode.BfdDown).ToString());
        Assert.Equal("error code 77/subcode 3", new BgpNotification((BgpErrorCode)77, 3, default).ToString());
    }

    [Fact]
    public void Data_that_are_too_long_are_cut()
    {
        var notification = BgpNotification.Update(BgpUpdateSubcode.OptionalAttributeError, new byte[70_000]);
        Assert.Equal(BgpFramer.MostBytes, BgpOctets.Written(output => BgpMessageWriter.WriteNotification(output, notification)).Length);
    }

    [Theory]
    [InlineData("0001 00 01", BgpRouteRefreshKind.Request, true)]
    [InlineData("0002 01 01", BgpRouteRefreshKind.Begin, true)]
    [InlineData("0002 02 01", BgpRouteRefreshKind.End, true)]
    [InlineData("0001 00 01 0180", BgpRouteRefreshKind.Request, true)]
    [InlineData("0001 01 01 0180", BgpRouteRefreshKind.Begin, false)]
    [InlineData("0001 02 01 00", BgpRouteRefreshKind.End, false)]
    [InlineData("0001 ff 01", (BgpRouteRefreshKind)255, true)]
    public void A_route_refresh_is_read(string body, BgpRouteRefreshKind kind, bool isSound)
    {
        var octets = BgpOctets.Hex(body);
        Assert.Equal(isSound, BgpRouteRefresh.TryRead(octets, out var refresh, out var error));
        Assert.Equal(kind, refresh.Kind);
        if (isSound)
            Assert.Null(error);
        else
            Assert.Equal(BgpNotification.RouteRefresh(
                BgpRouteRefreshSubcode.InvalidMessageLength, BgpOctets.Message(BgpMessageType.RouteRefresh, octets)), error);
        if (octets.Length == 4)
        {
            var written = BgpOctets.Written(output => BgpMessageWriter.WriteRouteRefresh(output, refresh));
            Assert.Equal(BgpOctets.Message(BgpMessageType.RouteRefresh, octets), written);
        }
    }
}
