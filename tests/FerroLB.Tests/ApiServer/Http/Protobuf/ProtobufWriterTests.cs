using System;
using FerroLB.ApiServer.Http.Protobuf;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.Protobuf;

public sealed class ProtobufWriterTests
{
    [Theory]
    [InlineData(1, "0801")]
    [InlineData(150, "089601")]
    [InlineData(-1, "08FFFFFFFFFFFFFFFFFF01")]
    [InlineData(0, "")]
    public void Numbers_are_varints_and_zero_is_left_out(long value, string expected) =>
        Assert.Equal(expected, Written(writer => writer.Number(1, value)));

    [Fact]
    public void Strings_have_a_length_and_large_field_numbers_take_two_bytes()
    {
        Assert.Equal("120774657374696E67", Written(writer => writer.String(2, "testing")));
        Assert.Equal("8201026869", Written(writer => writer.String(16, "hi")));
        Assert.Equal("", Written(writer => writer.String(2, "")));
        Assert.Equal("1200", Written(writer => writer.Element(2, "")));
    }

    [Fact]
    public void Doubles_are_eight_little_endian_bytes() =>
        Assert.Equal("31000000000000F03F", Written(writer => writer.Double(6, 1)));

    [Fact]
    public void Nested_messages_are_length_delimited_and_may_be_empty()
    {
        Assert.Equal("1A03089601", Written(writer => writer.Message(3, nested => nested.Number(1, 150))));
        Assert.Equal("1A00", Written(writer => writer.Message(3, nested => nested.Bool(1, false))));
    }

    private static string Written(Action<ProtobufWriter> write)
    {
        var writer = new ProtobufWriter();
        write(writer);
        return Convert.ToHexString(writer.Written);
    }
}
