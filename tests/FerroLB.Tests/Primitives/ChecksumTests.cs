using System;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Primitives;

public sealed class ChecksumTests
{
    [Theory]
    [InlineData("", 0xFFFF)]
    [InlineData("0001f203f4f5f6f7", 0x220D)]
    [InlineData("ffff", 0x0000)]
    [InlineData("ff", 0x00FF)]
    [InlineData("450000730000400040110000c0a80001c0a800c7", 0xB861)]
    public void Sum_agrees_with_published_examples(string hex, int expected) =>
        Assert.Equal(expected, Checksum.Finish(Checksum.Add(0, Convert.FromHexString(hex))));

    [Fact]
    public void Sum_over_a_packet_that_carries_its_checksum_is_zero() =>
        Assert.Equal(0, Checksum.Finish(Checksum.Add(0, Convert.FromHexString("45000073000040004011b861c0a80001c0a800c7"))));

    [Fact]
    public void Pieces_of_even_length_may_be_summed_one_by_one()
    {
        var bytes = Convert.FromHexString("0001f203f4f5f6f7ab");

        var sum = Checksum.Add(Checksum.Add(0, bytes.AsSpan(0, 4)), bytes.AsSpan(4));

        Assert.Equal(Checksum.Finish(Checksum.Add(0, bytes)), Checksum.Finish(sum));
    }

    [Fact]
    public void Sum_of_a_megabyte_of_ones_does_not_overflow()
    {
        var bytes = new byte[1 << 20];
        Array.Fill(bytes, (byte)0xFF);

        Assert.Equal(0, Checksum.Finish(Checksum.Add(uint.MaxValue, bytes)));
    }
}
