using System;
using System.Linq;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Primitives;

public sealed class IpPrefixTests
{
    [Theory]
    [InlineData("192.0.2.77/24", "192.0.2.0/24", "192.0.2.0", "192.0.2.255")]
    [InlineData("192.0.2.77/32", "192.0.2.77/32", "192.0.2.77", "192.0.2.77")]
    [InlineData("192.0.2.77/31", "192.0.2.76/31", "192.0.2.76", "192.0.2.77")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", "0.0.0.0", "255.255.255.255")]
    [InlineData("2001:db8::77/64", "2001:db8::/64", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")]
    [InlineData("::/0", "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8::77/128", "2001:db8::77/128", "2001:db8::77", "2001:db8::77")]
    [InlineData("::ffff:192.0.2.77/120", "192.0.2.0/24", "192.0.2.0", "192.0.2.255")]
    public void Block_is_read_with_its_host_bits_masked(string text, string canonical, string first, string last)
    {
        Assert.True(IpPrefix.TryParse(text, out var prefix));
        Assert.Equal(canonical, prefix.ToString());
        Assert.Equal(first, prefix.First.ToString());
        Assert.Equal(last, prefix.Last.ToString());
        Assert.Equal(prefix, IpPrefix.Parse(canonical));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("192.0.2.0")]
    [InlineData("192.0.2.0/")]
    [InlineData("192.0.2.0/33")]
    [InlineData("192.0.2.0/-1")]
    [InlineData("192.0.2.0/+1")]
    [InlineData("192.0.2.0/024")]
    [InlineData("192.0.2.0/ 24")]
    [InlineData("192.0.2.0/24 ")]
    [InlineData("192.0.2.0/2\0")]
    [InlineData("192.0.2.0/24/24")]
    [InlineData("192.0.2.0/255.255.255.0")]
    [InlineData("192.0.2/24")]
    [InlineData("2001:db8::/129")]
    [InlineData("2001:db8::/1000")]
    [InlineData("::ffff:192.0.2.0/24")]
    [InlineData("::ffff:192.0.2.0/129")]
    [InlineData("192.0.2.0/99999999999999999999")]
    public void Text_that_is_no_block_is_refused(string text)
    {
        Assert.False(IpPrefix.TryParse(text, out _));
        Assert.Throws<FormatException>(() => IpPrefix.Parse(text));
    }

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::", false)]
    [InlineData("::/0", "0.0.0.0", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::", false)]
    public void Block_contains_the_addresses_between_its_ends(string prefix, string address, bool isInside) =>
        Assert.Equal(isInside, IpPrefix.Parse(prefix).Contains(IpAddress.Parse(address)));

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.1.0.0/16", "10.2.0.0/16", false)]
    [InlineData("10.1.0.0/16", "10.1.0.0/16", true)]
    [InlineData("0.0.0.0/0", "::/0", false)]
    public void Blocks_overlap_when_one_contains_the_other(string left, string right, bool overlap)
    {
        Assert.Equal(overlap, IpPrefix.Parse(left).Overlaps(IpPrefix.Parse(right)));
        Assert.Equal(overlap, IpPrefix.Parse(right).Overlaps(IpPrefix.Parse(left)));
    }

    [Fact]
    public void Blocks_sort_by_address_then_length()
    {
        string[] sorted = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "::/0"];

        Assert.Equal(sorted, sorted.Reverse().Select(IpPrefix.Parse).Order().Select(prefix => prefix.ToString()));
    }

    [Fact]
    public void Default_value_is_the_whole_of_ipv4() => Assert.Equal(IpPrefix.Parse("0.0.0.0/0"), default);

    [Theory]
    [InlineData("192.0.2.0", 33)]
    [InlineData("::", 129)]
    [InlineData("192.0.2.0", -1)]
    public void Length_beyond_the_family_is_a_programming_error(string address, int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new IpPrefix(IpAddress.Parse(address), length));
}
