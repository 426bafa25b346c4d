using System;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Ethernet;

public sealed class EthernetHeaderTests
{
    private const string Macs = "0200000000c1" + "020000000002";

    [Fact]
    public void Untagged_header_is_read_in_place()
    {
        Assert.True(EthernetHeader.TryRead(Convert.FromHexString(Macs + "0806" + "abcd"), out var header, out var payload));

        Assert.Equal(new(new(0x0200000000c1), new(0x020000000002), EtherType.Arp), header);
        Assert.Equal([0xab, 0xcd], payload.ToArray());
        Assert.True(header.IsUntagged);
    }

    [Theory]
    [InlineData("8100e000", 0, 7, false, true)]
    [InlineData("81001005", 5, 0, true, false)]
    [InlineData("88a80ffe", 4094, 0, false, false)]
    [InlineData("91004064", 100, 2, false, false)]
    public void Single_tag_is_read(string tag, int vlanId, int priority, bool isDropEligible, bool isUntagged)
    {
        Assert.True(EthernetHeader.TryRead(Convert.FromHexString(Macs + tag + "0806" + "abcd"), out var header, out var payload));

        Assert.NotNull(header.OuterTag);
        Assert.Equal(vlanId, header.OuterTag.Value.VlanId);
        Assert.Equal(priority, header.OuterTag.Value.Priority);
        Assert.Equal(isDropEligible, header.OuterTag.Value.IsDropEligible);
        Assert.Null(header.InnerTag);
        Assert.Equal(isUntagged, header.IsUntagged);
        Assert.Equal(EtherType.Arp, header.EtherType);
        Assert.Equal([0xab, 0xcd], payload.ToArray());
    }

    [Fact]
    public void Two_tags_are_read_outer_first()
    {
        var frame = Convert.FromHexString(Macs + "88a80064" + "81000005" + "0800");
        Assert.True(EthernetHeader.TryRead(frame, out var header, out var payload));

        Assert.Equal(new VlanTag(EtherType.ServiceTag, 100), header.OuterTag);
        Assert.Equal(new VlanTag(EtherType.CustomerTag, 5), header.InnerTag);
        Assert.Equal(EtherType.IPv4, header.EtherType);
        Assert.True(payload.IsEmpty);
    }

    [Fact]
    public void Third_tag_is_refused() =>
        Assert.False(EthernetHeader.TryRead(Convert.FromHexString(Macs + "88a80000" + "81000000" + "81000000" + "0806"), out _, out _));

    [Theory]
    [InlineData(Macs + "0806")]
    [InlineData(Macs + "81000005" + "0806")]
    [InlineData(Macs + "88a80064" + "81000005" + "0806")]
    public void Header_cut_anywhere_is_refused(string hex)
    {
        var frame = Convert.FromHexString(hex);

        Assert.True(EthernetHeader.TryRead(frame, out _, out _));
        for (var length = 0; length < frame.Length; length++)
            Assert.False(EthernetHeader.TryRead(frame.AsSpan(0, length), out _, out _));
    }

    [Theory]
    [InlineData(Macs + "0806")]
    [InlineData(Macs + "8100e005" + "86dd")]
    [InlineData(Macs + "88a80064" + "81000005" + "0806")]
    public void Header_is_written_as_it_was_read(string hex)
    {
        Assert.True(EthernetHeader.TryRead(Convert.FromHexString(hex), out var header, out _));
        var frame = new byte[EthernetHeader.MinimumFrameBytes];
        var writer = new ByteWriter(frame);
        header.Write(ref writer);

        Assert.Equal(hex, Convert.ToHexStringLower(frame.AsSpan(0, writer.WrittenBytes)));
    }

    [Fact]
    public void Short_frame_is_padded_with_zeros_and_a_long_one_is_not()
    {
        var frame = new byte[100];
        Array.Fill(frame, (byte)0xEE);
        var writer = new ByteWriter(frame);
        writer.WriteByte(1);
        EthernetHeader.Pad(ref writer);
        Assert.Equal(60, writer.WrittenBytes);
        Assert.Equal(new byte[59], frame[1..60]);
        Assert.Equal(0xEE, frame[60]);

        writer.WriteByte(1);
        EthernetHeader.Pad(ref writer);
        Assert.Equal(61, writer.WrittenBytes);
    }
}
