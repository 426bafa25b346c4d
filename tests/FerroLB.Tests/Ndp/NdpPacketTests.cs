using System;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Ndp;

public sealed class NdpPacketTests
{
    [Fact]
    public void A_captured_advertisement_is_read_and_written_octet_by_octet()
    {
        var packet = Read(NdpFrames.CapturedAdvertisement);
        Assert.Equal(
            new NdpPacket(
                NdpType.Advertisement, IpAddress.Parse("2001:db8::10"), IpAddress.Parse("2001:db8::1"), IpAddress.Parse("2001:db8::10"))
            {
                Flags = NdpFlags.Solicited | NdpFlags.Override,
                LinkLayerAddress = new(0x020000000002),
                HopLimit = 255,
            },
            packet);

        var written = new byte[NdpPacket.FrameBytes];
        packet.WriteFrame(written, NdpFrames.ClientMac, new(0x020000000002));
        Assert.Equal(NdpFrames.CapturedAdvertisement, written);
    }

    [Fact]
    public void A_captured_probe_is_read_past_its_nonce() => Assert.Equal(
        new NdpPacket(
            NdpType.Solicitation, IpAddress.Parse("::"), IpAddress.Parse("ff02::1:ff00:2"), IpAddress.Parse("fe80::ff:fe00:2"))
        {
            HopLimit = 255,
        },
        Read(NdpFrames.CapturedProbe));

    [Fact]
    public void A_written_solicitation_is_read_as_it_was()
    {
        var packet = new NdpPacket(
            NdpType.Solicitation, NdpFrames.Client, IpAddress.Parse("ff02::1:ff00:10"), IpAddress.Parse("2001:db8::10"))
        {
            LinkLayerAddress = NdpFrames.ClientMac,
            HopLimit = 255,
        };
        var written = new byte[NdpPacket.FrameBytes];
        packet.WriteFrame(written, NdpGroup.MacOf(packet.Destination), NdpFrames.ClientMac);
        Assert.Equal(packet, Read(written));
        Assert.Equal(NdpFrames.Solicitation("2001:db8::10"), written);
    }

    [Fact]
    public void Every_truncation_and_every_flipped_bit_of_the_message_is_noticed()
    {
        var payload = NdpFrames.CapturedAdvertisement[EthernetHeader.SizeBytes..];
        for (var length = 0; length < payload.Length; length++)
            Assert.NotEqual(NdpReading.Read, NdpPacket.TryRead(payload.AsSpan(0, length), out _));
        for (var bit = 40 * 8; bit < payload.Length * 8; bit++)
        {
            var damaged = payload.AsSpan().ToArray();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.NotEqual(NdpReading.Read, NdpPacket.TryRead(damaged, out _));
        }
    }

    [Theory]
    [InlineData("0100")]
    [InlineData("0102020000000001")]
    [InlineData("01")]
    public void Options_that_do_not_add_up_make_it_malformed(string options)
    {
        byte[] message = [135, 0, 0, 0, 0, 0, 0, 0, .. Convert.FromHexString("20010db8000000000000000000000010" + options)];
        var frame = NdpFrames.Frame(new(0x3333ff000010), NdpFrames.Client, IpAddress.Parse("ff02::1:ff00:10"), message);
        Assert.Equal(NdpReading.Malformed, NdpPacket.TryRead(frame.AsSpan(EthernetHeader.SizeBytes), out _));
    }

    [Fact]
    public void Groups_follow_the_last_24_bits()
    {
        var group = NdpGroup.SolicitedNode(IpAddress.Parse("2001:db8::abcd:ef12:3456"));
        Assert.Equal("ff02::1:ff12:3456", group.ToString());
        Assert.Equal("33:33:ff:12:34:56", NdpGroup.MacOf(group).ToString());
        Assert.Equal("33:33:00:00:00:01", NdpGroup.MacOf(NdpGroup.AllNodes).ToString());
    }

    private static NdpPacket Read(byte[] frame)
    {
        Assert.Equal(NdpReading.Read, NdpPacket.TryRead(frame.AsSpan(EthernetHeader.SizeBytes), out var packet));
        return packet;
    }
}
