using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading;
using FerroLB.Core.Status;
using FerroLB.Runtime.Telemetry;
using Xunit;

namespace FerroLB.Tests.Telemetry;

public sealed class JsonLogTests
{
    [Fact]
    public void A_line_has_time_level_caller_message_and_fields_in_order()
    {
        using var output = new MemoryStream();
        using (var log = new JsonLog(output, "speaker", LogLevel.Info))
            log.Write(new(LogLevel.Warn, "it \"is\"", new("service", "default/wéb"), new("ip", "10.0.0.1")));
        using var line = JsonDocument.Parse(Assert.Single(LinesOf(output)));
        var fields = line.RootElement.EnumerateObject().Select(p => (p.Name, p.Value.GetString())).ToList();
        Assert.Equal(["ts", "level", "caller", "msg", "service", "ip"], fields.Select(f => f.Name));
        Assert.Equal(["warn", "speaker", "it \"is\"", "default/wéb", "10.0.0.1"], fields.Skip(1).Select(f => f.Item2));
        Assert.True(DateTimeOffset.TryParse(fields[0].Item2, out _));
    }

    [Theory]
    [InlineData("all", 4)]
    [InlineData("debug", 4)]
    [InlineData("info", 3)]
    [InlineData("warn", 2)]
    [InlineData("error", 1)]
    [InlineData("none", 0)]
    public void The_threshold_lets_through_its_level_and_above(string word, int count)
    {
        Assert.True(LogThreshold.TryParse(word, out var lowest));
        using var output = new MemoryStream();
        using (var log = new JsonLog(output, "x", lowest))
        {
            foreach (var level in Enum.GetValues<LogLevel>())
                log.Write(new(level, "m"));
        }
        Assert.Equal(count, LinesOf(output).Length);
    }

    [Fact]
    public void An_unknown_threshold_is_refused() => Assert.False(LogThreshold.TryParse("loud", out _));

    [Fact]
    public void Writers_never_wait_for_a_slow_reader_and_lost_lines_are_counted()
    {
        using var output = new BlockedStream();
        using (var log = new JsonLog(output, "x", LogLevel.Info))
        {
            log.Write(new(LogLevel.Info, "first"));
            Assert.True(output.Reached.Wait(TimeSpan.FromSeconds(30)));
            for (var i = 0; i < 20_000; i++)
                log.Write(new(LogLevel.Info, "more"));
            output.Gate.Set();
        }
        var text = Encoding.UTF8.GetString(output.Content.ToArray());
        Assert.Contains("log lines dropped because their reader is too slow", text, StringComparison.Ordinal);
        Assert.Contains("\"count\":\"11808\"", text, StringComparison.Ordinal);
    }

    private static string[] LinesOf(MemoryStream output) =>
        Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private sealed class BlockedStream : Stream
    {
        public ManualResetEventSlim Reached { get; } = new();

        public ManualResetEventSlim Gate { get; } = new();

        public MemoryStream Content { get; } = new();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => 0;

        public override long Position { get; set; }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Reached.Set();
            Gate.Wait();
            Content.Write(buffer);
        }
    }
}
