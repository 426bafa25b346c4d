using System;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Primitives;

public sealed class MacAddressTests
{
    [Theory]
    [InlineData("02:00:5e:10:00:ff", "02:00:5e:10:00:ff")]
    [InlineData("AA:BB:CC:DD:EE:FF", "aa:bb:cc:dd:ee:ff")]
    [InlineData("00:00:00:00:00:00", "00:00:00:00:00:00")]
    public void Text_is_read_in_either_case_and_written_in_lower_case(string text, string canonical)
    {
        Assert.True(MacAddress.TryParse(text, out var mac));
        Assert.Equal(canonical, mac.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("02:00:5e:10:00")]
    [InlineData("02:00:5e:10:00:ff:00")]
    [InlineData("02-00-5e-10-00-ff")]
    [InlineData("02:00:5e:10:00:fg")]
    [InlineData("02:00:5e:10:00:f ")]
    [InlineData("02:00:5e:10:00:f\0")]
    [InlineData("2:000:5e:10:00:ff")]
    public void Text_that_is_no_address_is_refused(string text) => Assert.False(MacAddress.TryParse(text, out _));

    [Fact]
    public void Octets_are_in_network_order()
    {
        byte[] octets = [0x02, 0x00, 0x5e, 0x10, 0x00, 0xff];
        var written = new byte[6];
        MacAddress.Read(octets).Write(written);

        Assert.Equal(0x0200_5e10_00ffUL, MacAddress.Read(octets).Value);
        Assert.Equal(octets, written);
    }

    [Theory]
    [InlineData("ff:ff:ff:ff:ff:ff", true)]
    [InlineData("01:00:5e:00:00:01", true)]
    [InlineData("33:33:00:00:00:01", true)]
    [InlineData("02:00:00:00:00:01", false)]
    [InlineData("fe:ff:ff:ff:ff:ff", false)]
    public void Group_bit_tells_multicast(string text, bool isMulticast)
    {
        Assert.True(MacAddress.TryParse(text, out var mac));
        Assert.Equal(isMulticast, mac.IsMulticast);
        Assert.Equal(text == "ff:ff:ff:ff:ff:ff", mac == MacAddress.Broadcast);
    }

    [Fact]
    public void Addresses_sort_as_numbers()
    {
        Assert.True(MacAddress.Zero < MacAddress.Broadcast);
        Assert.Equal(0, MacAddress.Broadcast.CompareTo(MacAddress.Broadcast));
        Assert.Equal([MacAddress.Zero, new(1), MacAddress.Broadcast], Sorted(MacAddress.Broadcast, MacAddress.Zero, new(1)));
    }

    private static MacAddress[] Sorted(params MacAddress[] macs)
    {
        Array.Sort(macs);
        return macs;
    }
}
