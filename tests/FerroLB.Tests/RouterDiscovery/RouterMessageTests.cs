using System;
using System.Linq;
using FerroLB.Protocols.Primitives;
using FerroLB.Protocols.RouterDiscovery;
using Xunit;

namespace FerroLB.Tests.RouterDiscovery;

/// <summary>Router Solicitations and Advertisements, octet by octet (RFC 4861 4.1 and 4.2).</summary>
public sealed class RouterMessageTests
{
    private const string Advertisement = "86000000" + "00000000" + "00000000" + "00000000" + "0101020000000007";
    private const string Solicitation = "85000000" + "00000000" + "0101020000000007";

    private static readonly MacAddress Mac = MacAddress.Read([2, 0, 0, 0, 0, 7]);

    [Theory]
    [InlineData(RouterMessageType.Advertisement, Advertisement)]
    [InlineData(RouterMessageType.Solicitation, Solicitation)]
    public void A_message_is_written_as_the_standard_says_and_read_back(RouterMessageType type, string octets)
    {
        var message = new RouterMessage(type) { LinkLayerAddress = Mac };
        var buffer = new byte[RouterMessage.MostBytes];
        Assert.Equal(octets, Convert.ToHexString(buffer.AsSpan(0, message.Write(buffer))));
        Assert.True(RouterMessage.TryRead(Convert.FromHexString(octets), out var read));
        Assert.Equal(message, read);
    }

    [Fact]
    public void An_interface_without_a_hardware_address_says_none() =>
        Assert.Equal(16, new RouterMessage(RouterMessageType.Advertisement).Write(new byte[RouterMessage.MostBytes]));

    [Fact]
    public void An_advertisement_of_FRR_is_read_with_all_its_options()
    {
        // Managed and other flags, lifetime 30 s, MTU 1500, a prefix, the hardware address.
        const string Options =
            "05010000000005DC" + "0304" + "40C0000151800000384000000000FD980000000000000000000000000000" + "0101020000000009";
        Assert.True(RouterMessage.TryRead(Convert.FromHexString("8600ABCD40C0001E0000000000000000" + Options), out var read));
        Assert.Equal((ushort)30, read.LifetimeSeconds);
        Assert.Equal(MacAddress.Read([2, 0, 0, 0, 0, 9]), read.LinkLayerAddress);
    }

    [Theory]
    [InlineData("")]
    [InlineData("86")]
    [InlineData("860000000000000000000000000000")]
    [InlineData("86010000000000000000000000000000")]
    [InlineData("8700000000000000" + "00000000000000000000000000000000")]
    [InlineData("86000000000000000000000000000000" + "0100020000000007")]
    [InlineData("86000000000000000000000000000000" + "0102020000000007")]
    [InlineData("86000000000000000000000000000000" + "01")]
    [InlineData("85000000")]
    public void What_does_not_add_up_is_not_read(string octets) =>
        Assert.False(RouterMessage.TryRead(Convert.FromHexString(octets), out _));

    [Fact]
    public void Random_octets_never_throw()
    {
        var random = new SeededRandom(7);
        foreach (var length in Enumerable.Range(0, 2_000))
        {
            var octets = Enumerable.Range(0, length % 80).Select(_ => (byte)random.Next(256)).ToArray();
            if (octets.Length > 1)
                (octets[0], octets[1]) = ((byte)(133 + random.Next(2)), 0);
            RouterMessage.TryRead(octets, out _);
        }
    }
}
