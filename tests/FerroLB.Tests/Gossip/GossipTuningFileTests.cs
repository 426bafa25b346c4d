using System;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.Protocols.Gossip;
using Xunit;

namespace FerroLB.Tests.Gossip;

public sealed class GossipTuningFileTests
{
    private const string Whole = """
        {"TCPTimeout":"10s","IndirectChecks":3,"RetransmitMult":4,"SuspicionMult":4,"SuspicionMaxTimeoutMult":6,"PushPullInterval":"30s",
        "ProbeTimeout":"500ms","ProbeInterval":"1s","DisableTcpPings":false,"AwarenessMaxMultiplier":8,"GossipNodes":3,
        "GossipInterval":"200ms","GossipToTheDeadTime":"30s","GossipVerifyIncoming":true,"GossipVerifyOutgoing":true,
        "EnableCompression":true,"HandoffQueueDepth":1024,"UDPBufferSize":1400,"QueueCheckInterval":"30s"}
        """;

    [Fact]
    public void A_file_with_all_LAN_values_is_the_LAN_profile()
    {
        Assert.True(Parse(Whole, out var tuning, out var error), error);
        Assert.Equal(GossipTuning.Lan, tuning);
    }

    [Fact]
    public void Absent_numbers_and_truth_values_are_0_and_false()
    {
        var file = (JsonObject)JsonNode.Parse(Whole)!;
        file.Remove("IndirectChecks");
        file.Remove("EnableCompression");
        Assert.True(Parse(file.ToJsonString(), out var tuning, out var error), error);
        Assert.Equal(GossipTuning.Lan with { IndirectChecks = 0, EnableCompression = false }, tuning);
    }

    [Theory]
    [InlineData("TCPTimeout")]
    [InlineData("PushPullInterval")]
    [InlineData("ProbeTimeout")]
    [InlineData("ProbeInterval")]
    [InlineData("GossipInterval")]
    [InlineData("GossipToTheDeadTime")]
    [InlineData("QueueCheckInterval")]
    public void A_missing_duration_is_named(string name)
    {
        var file = (JsonObject)JsonNode.Parse(Whole)!;
        file.Remove(name);
        Assert.False(Parse(file.ToJsonString(), out _, out var error));
        Assert.StartsWith($"{name}: is missing", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ProbeIntervall", "\"1s\"", "ProbeIntervall: no such value")]
    [InlineData("ProbeInterval", "1", "ProbeInterval: 1 is not a duration")]
    [InlineData("ProbeInterval", "\"1\"", "ProbeInterval: \"1\" is not a duration")]
    [InlineData("ProbeInterval", "\"-1s\"", "ProbeInterval: \"-1s\" is not a duration")]
    [InlineData("ProbeInterval", "\"0s\"", "ProbeInterval: must be at least 1ms")]
    [InlineData("GossipNodes", "\"3\"", "GossipNodes: \"3\" is not a whole number")]
    [InlineData("GossipNodes", "-1", "GossipNodes: -1 is not a whole number")]
    [InlineData("EnableCompression", "1", "EnableCompression: 1 is neither true nor false")]
    [InlineData("UDPBufferSize", "100", "UDPBufferSize: must be 576 to 65000")]
    public void A_wrong_value_is_named(string name, string value, string words)
    {
        var file = (JsonObject)JsonNode.Parse(Whole)!;
        file[name] = JsonNode.Parse(value);
        Assert.False(Parse(file.ToJsonString(), out _, out var error));
        Assert.StartsWith(words, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    public void What_is_not_one_object_is_refused(string json)
    {
        Assert.False(Parse(json, out _, out var error));
        Assert.StartsWith("the file ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("0", 0)]
    [InlineData("250us", 0.25)]
    [InlineData("1h0.5s", 3_600_500)]
    public void Durations_are_those_of_Go(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1.2.3s")]
    [InlineData("1 s")]
    [InlineData("1d")]
    [InlineData("99999999999999h")]
    public void What_Go_would_not_read_is_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    private static bool Parse(string json, out GossipTuning tuning, out string error) =>
        GossipTuningFile.TryParse(Encoding.UTF8.GetBytes(json), out tuning, out error);
}
