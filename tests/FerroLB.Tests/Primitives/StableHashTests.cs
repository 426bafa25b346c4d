using System;
using System.Text;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Primitives;

public sealed class StableHashTests
{
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Sha256_agrees_with_the_standard(string text, string hex) =>
        Assert.Equal(hex, Convert.ToHexStringLower(StableHash.Sha256(text)));

    [Theory]
    [InlineData("", 0xCBF29CE484222325)]
    [InlineData("a", 0xAF63DC4C8601EC8C)]
    [InlineData("foobar", 0x85944171F73967E8)]
    public void Fnv1a_agrees_with_its_authors(string text, ulong expected) =>
        Assert.Equal(expected, StableHash.Fnv1a64(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Fnv1a_continues_from_an_earlier_value() =>
        Assert.Equal(0x85944171F73967E8, StableHash.Fnv1a64("bar"u8, StableHash.Fnv1a64("foo"u8)));
}
