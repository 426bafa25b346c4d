using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using FerroLB.Runtime.KubeHttp;
using Xunit;

namespace FerroLB.Tests.KubeHttp;

public sealed class LineSplitterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Lines_are_the_same_however_the_stream_is_cut(int piece)
    {
        string[] lines = ["{\"type\":\"ADDED\"}", "{\"name\":\"Grüße-日本-🚀\"}", new string('x', 20_000), "last"];
        Assert.Equal(lines, Split(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"), piece, limit: 1 << 20));
    }

    [Fact]
    public void Empty_lines_and_carriage_returns_are_skipped() =>
        Assert.Equal(["a", "b"], Split("\n\r\na\r\n\nb\n"u8.ToArray(), 3, 100));

    [Fact]
    public void An_unfinished_line_is_not_delivered() => Assert.Equal(["a"], Split("a\nhalf"u8.ToArray(), 2, 100));

    [Fact]
    public void An_object_of_ten_megabytes_passes()
    {
        var octets = Encoding.UTF8.GetBytes(new string('y', 10_000_000) + "\nz\n");
        Assert.Equal([10_000_000, 1], Split(octets, 16_384, 32 << 20).Select(line => line.Length));
    }

    [Fact]
    public void A_line_beyond_the_limit_is_an_error() =>
        Assert.Throws<InvalidDataException>(() => Split(new byte[200_000], 1000, limit: 100_000));

    private static List<string> Split(byte[] octets, int piece, int limit)
    {
        var splitter = new LineSplitter(limit);
        var lines = new List<string>();
        for (var at = 0; at < octets.Length;)
        {
            var room = splitter.Room();
            Assert.True(room.Length > 0);
            var count = Math.Min(Math.Min(piece, room.Length), octets.Length - at);
            octets.AsMemory(at, count).CopyTo(room);
            splitter.Advance(count);
            at += count;
            while (splitter.TryTake(out var line))
                lines.Add(Encoding.UTF8.GetString(line.Span));
        }
        return lines;
    }
}
