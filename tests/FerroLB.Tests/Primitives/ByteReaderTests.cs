using System;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Primitives;

public sealed class ByteReaderTests
{
    [Fact]
    public void Reader_reads_what_the_writer_wrote()
    {
        var buffer = new byte[1 + 2 + 4 + 8 + 6 + 4 + 16 + 3];
        var writer = new ByteWriter(buffer);
        writer.WriteByte(0x01);
        writer.WriteUInt16(0x0203);
        writer.WriteUInt32(0x04050607);
        writer.WriteUInt64(0x08090A0B0C0D0E0F);
        writer.WriteMac(new(0x101112131415));
        writer.WriteIp(IpAddress.Parse("22.23.24.25"));
        writer.WriteIp(IpAddress.Parse("1a1b:1c1d:1e1f:2021:2223:2425:2627:2829"));
        writer.WriteBytes([0x2A, 0x2B, 0x2C]);

        Assert.Equal(buffer.Length, writer.WrittenBytes);
        for (var i = 0; i < buffer.Length; i++)
            Assert.Equal(i + 1, buffer[i]);

        var reader = new ByteReader(buffer);
        Assert.Equal(0x01, reader.ReadByte());
        Assert.Equal(0x0203, reader.ReadUInt16());
        Assert.Equal(0x04050607u, reader.ReadUInt32());
        Assert.Equal(0x08090A0B0C0D0E0FUL, reader.ReadUInt64());
        Assert.Equal(new MacAddress(0x101112131415), reader.ReadMac());
        Assert.Equal("22.23.24.25", reader.ReadIPv4().ToString());
        Assert.Equal("1a1b:1c1d:1e1f:2021:2223:2425:2627:2829", reader.ReadIPv6().ToString());
        Assert.Equal(3, reader.RemainingBytes);
        Assert.Equal([0x2A, 0x2B, 0x2C], reader.ReadBytes(3).ToArray());
        Assert.Equal(0, reader.RemainingBytes);
        Assert.False(reader.Failed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Read_past_the_end_gives_zero_and_marks_the_reader(int sizeBytes)
    {
        var bytes = new byte[sizeBytes];
        Array.Fill(bytes, (byte)0xFF);
        var reader = new ByteReader(bytes);

        Assert.Equal(0u, reader.ReadUInt32());
        Assert.True(reader.Failed);
        Assert.Equal(0, reader.ReadByte());
        Assert.Equal(default, reader.ReadMac());
        Assert.Equal(default, reader.ReadIPv4());
        Assert.Equal(default, reader.ReadIPv6());
        Assert.Equal(0UL, reader.ReadUInt64());
        Assert.True(reader.ReadBytes(0).IsEmpty);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void Run_of_impossible_length_fails(int count)
    {
        var reader = new ByteReader([1, 2, 3]);

        Assert.True(reader.ReadBytes(count).IsEmpty);
        Assert.True(reader.Failed);
    }

    [Fact]
    public void Write_past_the_end_throws() => Assert.ThrowsAny<ArgumentException>(() =>
    {
        var writer = new ByteWriter(new byte[3]);
        writer.WriteUInt32(1);
    });
}
