using System;
using System.Linq;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Primitives;

public sealed class IpAddressTests
{
    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("192.0.2.10", "192.0.2.10")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:0db8::0001", "2001:db8::1")]
    [InlineData("2001:db8::aaaa:0:0:1", "2001:db8::aaaa:0:0:1")]
    [InlineData("2001:db8:0:0:0:aaaa:0:1", "2001:db8::aaaa:0:1")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("2001:0:0:1:0:0:0:1", "2001:0:0:1::1")]
    [InlineData("2001:DB8::AAAA", "2001:db8::aaaa")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("0:0:1::", "0:0:1::")]
    [InlineData("1:0:0:2::", "1:0:0:2::")]
    [InlineData("64:ff9b::192.0.2.33", "64:ff9b::c000:221")]
    [InlineData("1:2:3:4:5:6:192.0.2.33", "1:2:3:4:5:6:c000:221")]
    [InlineData("::192.0.2.33", "::c000:221")]
    [InlineData("::ffff:192.0.2.33", "192.0.2.33")]
    [InlineData("0:0:0:0:0:FFFF:c000:0221", "192.0.2.33")]
    [InlineData("::ffff:0:192.0.2.33", "::ffff:0:c000:221")]
    public void Text_is_read_and_written_in_the_canonical_form(string text, string canonical)
    {
        Assert.True(IpAddress.TryParse(text, out var address));
        Assert.Equal(canonical, address.ToString());
        Assert.Equal(address, IpAddress.Parse(canonical));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.")]
    [InlineData(".1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1..2.3")]
    [InlineData("256.0.0.1")]
    [InlineData("1000.0.0.1")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.00")]
    [InlineData("+1.2.3.4")]
    [InlineData("-1.2.3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData(" 1.2.3.4")]
    [InlineData("1.2.3.4\n")]
    [InlineData("1.2.3.4\0")]
    [InlineData("1\0.2.3.4")]
    [InlineData("0x1.2.3.4")]
    [InlineData("1.2.3.4/24")]
    [InlineData("\u0661.2.3.4")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("::1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4::5:6:7:8")]
    [InlineData("1::2::3")]
    [InlineData("1:::2")]
    [InlineData(":1")]
    [InlineData("1:")]
    [InlineData(":1::")]
    [InlineData("::1:")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("::1\0")]
    [InlineData("::1\0:2")]
    [InlineData(":: 1")]
    [InlineData("::+1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("1:2:3:4:5:6:7:192.0.2.1")]
    [InlineData("1:2:3:4:5::6:192.0.2.1:7")]
    [InlineData("1:2:3:4:5:6::192.0.2.1")]
    [InlineData("192.0.2.1::")]
    [InlineData("::192.0.2")]
    [InlineData("::192.0.2.256")]
    public void Text_that_is_no_address_is_refused(string text)
    {
        Assert.False(IpAddress.TryParse(text, out _));
        Assert.Throws<FormatException>(() => IpAddress.Parse(text));
    }

    [Theory]
    [InlineData("192.0.2.10", "c000020a")]
    [InlineData("2001:db8::1", "20010db8000000000000000000000001")]
    public void Octets_are_in_network_order(string text, string hex)
    {
        var address = IpAddress.Parse(text);
        var octets = new byte[address.SizeBytes];
        address.Write(octets);

        Assert.Equal(hex, Convert.ToHexStringLower(octets));
        Assert.Equal(address, IpAddress.Read(octets));
    }

    [Fact]
    public void Default_value_is_the_unspecified_ipv4_address()
    {
        Assert.Equal(IpAddress.Parse("0.0.0.0"), default);
        Assert.Equal(IpAddress.Parse("0.0.0.0").GetHashCode(), default(IpAddress).GetHashCode());
        Assert.True(default(IpAddress).IsIPv4);
        Assert.True(default(IpAddress).IsUnspecified);
    }

    [Fact]
    public void Families_never_compare_equal_and_ipv4_sorts_first()
    {
        string[] sorted = ["0.0.0.0", "9.0.0.0", "10.0.0.1", "255.255.255.255", "::", "::1", "::900:0", "fe80::1"];

        Assert.Equal(sorted, sorted.Reverse().Select(IpAddress.Parse).Order().Select(address => address.ToString()));
        Assert.NotEqual(IpAddress.V4(1), IpAddress.V6(1));
        Assert.True(IpAddress.Parse("255.255.255.255") < IpAddress.Parse("::"));
    }

    [Theory]
    [InlineData("169.254.0.0", true)]
    [InlineData("169.254.255.255", true)]
    [InlineData("169.255.0.0", false)]
    [InlineData("fe80::1", true)]
    [InlineData("febf::1", true)]
    [InlineData("fec0::1", false)]
    public void Link_local_addresses_are_known(string text, bool isLinkLocal) =>
        Assert.Equal(isLinkLocal, IpAddress.Parse(text).IsLinkLocal);

    [Fact]
    public void Every_ipv6_address_survives_its_text()
    {
        var random = new SeededRandom(5952);
        for (var i = 0; i < 5000; i++)
        {
            UInt128 value = 0;
            for (var group = 0; group < 8; group++)
                value = value << 16 | (random.Chance(0.5) ? 0u : (uint)random.Next(0x10000));
            if (value >> 32 == 0xFFFF)
                continue;
            var text = IpAddress.V6(value).ToString();
            Assert.Equal(IpAddress.V6(value), IpAddress.Parse(text));
            Assert.Equal(System.Net.IPAddress.Parse(text).GetAddressBytes(), Octets(IpAddress.V6(value)));
        }
    }

    private static byte[] Octets(IpAddress address)
    {
        var octets = new byte[16];
        address.Write(octets);
        return octets;
    }
}
