using System;
using FerroLB.Lab.Network;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>The lab's own codec against the product's: written independently, they must agree.</summary>
public sealed class NdpFrameTests
{
    private static readonly IpAddress Target = IpAddress.Parse("fd00:20::1:2:3");
    private static readonly MacAddress Mac = new(0x02_EE_00_00_00_07);
    private static readonly NdpFrame Question = NdpFrame.Ask(Mac, LabAddress.LinkLocal(Mac), Target);

    [Fact]
    public void The_product_reads_a_solicitation_of_the_lab()
    {
        var frame = Question.Encode();
        Assert.Equal(NdpReading.Read, NdpPacket.TryRead(frame.AsSpan(14), out var packet));
        Assert.Equal((NdpType.Solicitation, Target, (byte)255), (packet.Type, packet.Target, packet.HopLimit));
        Assert.Equal(NdpGroup.SolicitedNode(Target), packet.Destination);
        Assert.Equal(NdpGroup.MacOf(packet.Destination), MacAddress.Read(frame));
        Assert.Equal(Mac, packet.LinkLayerAddress);
        Assert.Equal("fe80::ee:ff:fe00:7", packet.Source.ToString());
    }

    [Fact]
    public void The_lab_reads_an_advertisement_of_the_product()
    {
        var frame = new byte[NdpPacket.FrameBytes];
        new NdpPacket(NdpType.Advertisement, LabAddress.LinkLocal(Mac), NdpGroup.AllNodes, Target)
        {
            Flags = NdpFlags.Override,
            LinkLayerAddress = Mac,
        }.WriteFrame(frame, NdpGroup.MacOf(NdpGroup.AllNodes), Mac);
        var read = NdpFrame.Decode(frame);
        Assert.Equal((true, false, true), (read!.IsAdvertisement, read.IsSolicited, read.Overrides));
        Assert.Equal((Target, Mac, NdpGroup.AllNodes), (read.Target, read.LinkLayer, read.DestinationIp));
        Assert.Equal(read, NdpFrame.Decode(read.Encode()));
    }

    [Fact]
    public void No_octet_of_the_message_can_change_unnoticed()
    {
        var frame = Question.Encode();
        for (var i = 14 + 8; i < frame.Length; i++)
        {
            frame[i] ^= 0x10;
            Assert.Null(NdpFrame.Decode(frame));
            frame[i] ^= 0x10;
        }
        Assert.Null(NdpFrame.Decode(frame.AsSpan(0, frame.Length - 1)));
        Assert.Equal(Question, NdpFrame.Decode(frame));
    }
}
