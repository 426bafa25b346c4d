using System;
using System.Linq;
using System.Text;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Gossip.Wire;

public sealed class LzwTests
{
    [Theory]
    [InlineData("", "000302")]
    [InlineData("a", "00C3 0404")]
    public void Short_texts_become_known_codes(string text, string hex) => Assert.Equal(
        hex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(Lzw.Compress(Encoding.ASCII.GetBytes(text))));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 256)]
    [InlineData(300, 1)]
    [InlineData(3_000, 2)]
    [InlineData(3_837, 256)]
    [InlineData(3_838, 256)]
    [InlineData(3_839, 256)]
    [InlineData(3_840, 256)]
    [InlineData(100_000, 1)]
    [InlineData(100_000, 3)]
    [InlineData(300_000, 256)]
    public void What_was_compressed_is_restored(int length, int alphabet)
    {
        var random = new SeededRandom((ulong)length);
        byte[] octets = [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(alphabet))];
        Assert.Equal(octets, Lzw.Decompress(Lzw.Compress(octets), length));
    }

    [Fact]
    public void Every_length_around_the_places_where_codes_grow_is_restored()
    {
        var random = new SeededRandom(9);
        byte[] octets = [.. Enumerable.Range(0, 9_000).Select(_ => (byte)random.Next(256))];
        int[] lengths = [254, 255, 256, 766, 767, 768, 1790, 1791, 1792, 3836, 3837, 3838, 3839, 7674, 7675, 7676, 7677, 7678];
        foreach (var length in lengths)
            Assert.Equal(octets[..length], Lzw.Decompress(Lzw.Compress(octets.AsSpan(0, length)), length));
    }

    [Fact]
    public void The_result_is_never_longer_than_allowed()
    {
        var compressed = Lzw.Compress(new byte[5_000]);
        Assert.NotNull(Lzw.Decompress(compressed, 5_000));
        Assert.Null(Lzw.Decompress(compressed, 4_999));
    }

    [Fact]
    public void What_is_cut_short_is_refused()
    {
        var compressed = Lzw.Compress("an end code is missing here"u8);
        for (var length = 0; length < compressed.Length - 1; length++)
            Assert.Null(Lzw.Decompress(compressed.AsSpan(0, length), 1_000));
    }
}
