using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("90s", 90_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("0.05h", 180_000)]
    [InlineData("1h0m10s", 3_610_000)]
    [InlineData("4500ms", 4_000)]
    [InlineData("3000000us", 3_000)]
    [InlineData("3000000µs", 3_000)]
    [InlineData("3000000μs", 3_000)]
    [InlineData("3000000000ns", 3_000)]
    [InlineData("3.s", 3_000)]
    [InlineData("+10s", 10_000)]
    [InlineData("00010s", 10_000)]
    [InlineData("3s3s", 6_000)]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("0s", 0)]
    public void A_duration_is_read_as_Go_reads_it_and_the_hold_time_is_whole_seconds(string text, int milliseconds)
    {
        var result = Build(Peer("p", spec => spec with { HoldTime = text }));
        Assert.Empty(result.Rejections);
        Assert.Equal(milliseconds, result.Config.BgpPeers[0].HoldTime!.Value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("90")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("+")]
    [InlineData("90 s")]
    [InlineData("90S")]
    [InlineData("1d")]
    [InlineData("1m30")]
    [InlineData("--1s")]
    [InlineData("ninety")]
    [InlineData("3000000h")]
    [InlineData("99999999999999999999999999999999999999999999s")]
    public void What_is_no_duration_is_refused(string text)
    {
        var rejection = Assert.Single(Build(Peer("p", spec => spec with { HoldTime = text })).Rejections);
        Assert.Equal(("spec.holdTime", text, "is not a duration"), (rejection.Field, rejection.Value, rejection.Rule));
    }

    [Theory]
    [InlineData("holdTime")]
    [InlineData("keepaliveTime")]
    [InlineData("connectTime")]
    public void A_negative_duration_is_refused(string field)
    {
        var rejection = Build(Peer("p", spec => field switch
        {
            "holdTime" => spec with { HoldTime = "-9s" },
            "keepaliveTime" => spec with { KeepaliveTime = "-9s" },
            _ => spec with { ConnectTime = "-9s" },
        })).Rejections[0];
        Assert.Equal(($"spec.{field}", "is negative"), (rejection.Field, rejection.Rule));
    }
}
