using System;
using FerroLB.Lab.Routers;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>The model routers' reader: what a good speaker says it understands, and nothing else.</summary>
public sealed class MessageReadingTests
{
    private static readonly BgpAttributes External = new()
    {
        Origin = BgpOrigin.Igp,
        AsPath = BgpAsPath.Of(4_200_000_001, 64_500),
        MultiExitDisc = 5,
        Communities = [BgpCommunity.Of(64_500, 7), BgpCommunity.Of(64_500, 10)],
        LargeCommunities = [new(64_500, 1, 2)],
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Routes_are_put_into_canonical_words_whether_or_not_AS_numbers_have_four_octets(bool fourOctetAs)
    {
        var update = Read(Announce(External, fourOctetAs), isInternal: false, fourOctetAs, out var fault);
        Assert.Equal("", fault);
        Assert.Equal([IpPrefix.Parse("10.20.0.1/32"), IpPrefix.Parse("10.20.0.8/29")], update!.Announced);
        Assert.Equal(
            "via 172.16.1.1 path 4200000001 64500 med 5 communities 64500:10 64500:7 large:64500:1:2", update.Words);
    }

    [Fact]
    public void IPv6_routes_and_withdrawals_are_read()
    {
        var hop = new BgpNextHop(IpAddress.Parse("fd00:16::101"));
        var octets = new byte[BgpAttributeWriter.SizeBytes(Internal(), false, true)];
        BgpAttributeWriter.Write(octets, Internal(), null, true);
        var buffer = new byte[BgpFramer.MostBytes];
        var writer = BgpUpdateWriter.Announce(buffer, BgpFamily.IPv6Unicast, hop, octets);
        writer.TryAdd(IpPrefix.Parse("fd00:20::1/128"));
        var update = Read(buffer[..writer.Finish()], isInternal: true, true, out var fault);
        Assert.Equal("", fault);
        Assert.Equal("fd00:20::1/128 via fd00:16::101 path  pref 100; withdrawn: ", update!.ToString());

        var withdrawal = BgpUpdateWriter.Withdraw(buffer, BgpFamily.IPv6Unicast, true);
        withdrawal.TryAdd(IpPrefix.Parse("fd00:20::/64"));
        Assert.Equal([IpPrefix.Parse("fd00:20::/64")], Read(buffer[..withdrawal.Finish()], true, true, out _)!.Withdrawn);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void The_end_of_a_table_is_known_by_its_family(int afi, bool isIPv4)
    {
        var buffer = new byte[100];
        var family = afi == 1 ? BgpFamily.IPv4Unicast : BgpFamily.IPv6Unicast;
        var update = Read(buffer[..BgpUpdateWriter.WriteEndOfRib(buffer, family)], isInternal: false, true, out _);
        Assert.Equal(isIPv4, update!.EndOfIPv4);
    }

    [Fact]
    public void What_belongs_to_the_other_kind_of_session_is_a_fault()
    {
        Read(Announce(Internal(), true), isInternal: false, true, out var external);
        Assert.Equal("a local preference to an external peer", external);
        Read(Announce(External, true), isInternal: true, true, out var inside);
        Assert.Equal("a route without local preference to an internal peer", inside);
    }

    [Fact]
    public void Every_cut_and_nearly_every_changed_octet_is_a_fault_or_another_meaning()
    {
        var message = Announce(External, true);
        var meaning = Read(message, false, true, out _)!.ToString();
        for (var length = 19; length < message.Length; length++)
            Assert.NotEqual(meaning, Read(message[..length], false, true, out _)?.ToString());
        for (var at = 19; at < message.Length; at++)
        {
            byte[] changed = [.. message];
            changed[at] ^= 0x41;
            Assert.NotEqual(meaning, Read(changed, false, true, out _)?.ToString());
        }
    }

    private static BgpAttributes Internal() => new() { Origin = BgpOrigin.Igp, AsPath = BgpAsPath.Empty, LocalPref = 100 };

    private static byte[] Announce(BgpAttributes attributes, bool fourOctetAs)
    {
        var hop = IpAddress.Parse("172.16.1.1");
        var octets = new byte[BgpAttributeWriter.SizeBytes(attributes, true, fourOctetAs)];
        BgpAttributeWriter.Write(octets, attributes, hop, fourOctetAs);
        var buffer = new byte[BgpFramer.MostBytes];
        var writer = BgpUpdateWriter.Announce(buffer, BgpFamily.IPv4Unicast, new(hop), octets);
        writer.TryAdd(IpPrefix.Parse("10.20.0.1/32"));
        writer.TryAdd(IpPrefix.Parse("10.20.0.8/29"));
        return buffer[..writer.Finish()];
    }

    private static HeardUpdate? Read(byte[] message, bool isInternal, bool fourOctetAs, out string fault) =>
        MessageReading.Update(message.AsSpan(19), isInternal, fourOctetAs, out fault);
}
