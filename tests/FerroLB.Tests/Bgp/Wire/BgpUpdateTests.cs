using System;
using System.Linq;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bgp.Wire;

public sealed class BgpUpdateTests
{
    private static readonly BgpAttributes Everything = new()
    {
        Origin = BgpOrigin.Incomplete,
        AsPath = new([new(BgpAsPathSegmentType.Sequence, [64512, 4_200_000_000]), new(BgpAsPathSegmentType.Sequence, [1])]),
        MultiExitDisc = 5,
        LocalPref = 200,
        IsAtomicAggregate = true,
        Aggregator = new(4_200_000_001, IpAddress.Parse("192.0.2.7")),
        Communities = [BgpCommunity.Of(64512, 1), BgpCommunity.NoExport],
        OriginatorId = 7,
        ClusterList = [1, 2],
        ExtendedCommunities = [BgpExtendedCommunity.LinkBandwidth(64512, 125_000_000), new(0x0002_FC00_0000_0064)],
        LargeCommunities = [new(4_200_000_000, 1, 2)],
        OnlyToCustomer = 64512,
        Unknown = [new(0xC0, 99, new byte[300]), new(0x80, 100, ReadOnlyMemory<byte>.Empty)],
    };

    private static readonly BgpAttributes Plain = new() { Origin = BgpOrigin.Igp, AsPath = BgpAsPath.Of(64512) };

    [Fact]
    public void An_ipv4_route_is_written_as_the_standard_says()
    {
        var attributes = Octets(Plain, IpAddress.Parse("192.0.2.1"), fourOctetAs: true);
        var hop = new BgpNextHop(IpAddress.Parse("192.0.2.1"));
        var update = Announce(BgpFamily.IPv4Unicast, hop, attributes, "203.0.113.0/24", "10.0.0.0/8", "0.0.0.0/0");
        var expected = BgpOctets.Message(BgpMessageType.Update, BgpOctets.UpdateBody(
            "", "40010100 400206 0201 0000fc00 400304 c0000201", "18cb0071 080a 00"));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(update));
    }

    [Theory]
    [InlineData("2001:db8::1", null, "10 20010db8000000000000000000000001", "2001:db8:1::/48", "30 20010db80001", "0002 01")]
    [InlineData("2001:db8::1", "fe80::1",
        "20 20010db8000000000000000000000001 fe800000000000000000000000000001", "2001:db8::/33", "21 20010db800", "0002 01")]
    [InlineData("fe80::1", null, "10 fe800000000000000000000000000001", "203.0.113.7/32", "20 cb007107", "0001 01")]
    [InlineData("2001:db8::1", "fe80::1",
        "20 20010db8000000000000000000000001 fe800000000000000000000000000001", "203.0.113.0/25", "19 cb007100", "0001 01")]
    public void Routes_with_an_ipv6_next_hop_travel_in_the_first_attribute(
        string nextHop, string? linkLocal, string hopOctets, string prefix, string prefixOctets, string family)
    {
        var hop = new BgpNextHop(IpAddress.Parse(nextHop), linkLocal is null ? null : IpAddress.Parse(linkLocal));
        var parsed = IpPrefix.Parse(prefix);
        var update = Announce(BgpFamily.UnicastOf(parsed.Family), hop, Octets(Plain, null, fourOctetAs: true), prefix);
        var reach = BgpOctets.Hex($"{family} {hopOctets} 00 {prefixOctets}");
        var expected = BgpOctets.Message(BgpMessageType.Update, BgpOctets.UpdateBody(
            "", $"900e{reach.Length:x4} {Convert.ToHexString(reach)} 40010100 400206 0201 0000fc00", ""));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(update));
        var read = BgpUpdate.Read(BgpOctets.FrameOf(update).Body, BgpOctets.External with { IPv4OverIPv6 = true });
        Assert.Equal(BgpErrorAction.None, read.Action);
        Assert.Equal(hop, read.Reach!.Value.NextHop);
        Assert.Equal([parsed], read.Reach.Value.Prefixes.ToArray());
    }

    [Fact]
    public void Withdrawals_are_packed_in_either_form()
    {
        var classic = Withdraw(BgpFamily.IPv4Unicast, false, "203.0.113.0/24", "10.0.0.1/32");
        Assert.Equal(
            BgpOctets.Message(BgpMessageType.Update, BgpOctets.UpdateBody("18cb0071 200a000001", "", "")), classic);
        var over = Withdraw(BgpFamily.IPv4Unicast, true, "203.0.113.0/24");
        Assert.Equal(
            BgpOctets.Message(BgpMessageType.Update, BgpOctets.UpdateBody("", "900f0007 000101 18cb0071", "")), over);
        var six = Withdraw(BgpFamily.IPv6Unicast, false, "2001:db8::/32");
        Assert.Equal(
            BgpOctets.Message(BgpMessageType.Update, BgpOctets.UpdateBody("", "900f0008 000201 2020010db8", "")), six);
        Assert.Equal(1, BgpUpdate.Read(BgpOctets.FrameOf(six).Body, BgpOctets.External).Unreach!.Value.Prefixes.Count);
    }

    [Fact]
    public void The_end_of_rib_is_recognised_for_both_families()
    {
        var buffer = new byte[64];
        foreach (var family in new[] { BgpFamily.IPv4Unicast, BgpFamily.IPv6Unicast })
        {
            var message = buffer[..BgpUpdateWriter.WriteEndOfRib(buffer, family)];
            var update = BgpUpdate.Read(BgpOctets.FrameOf(message).Body, BgpOctets.External);
            Assert.Equal(family, update.EndOfRib);
            Assert.Equal(BgpErrorAction.None, update.Action);
        }
        var none = BgpUpdate.Read(BgpOctets.UpdateBody("18cb0071", "", ""), BgpOctets.External);
        Assert.Null(none.EndOfRib);
        Assert.Equal(BgpErrorAction.None, none.Action);
    }

    [Theory]
    [InlineData(4096, 800)]
    [InlineData(65535, 13_000)]
    public void An_update_holds_as_many_prefixes_as_its_length_allows(int most, int atLeast)
    {
        var buffer = new byte[most];
        var attributes = Octets(Plain with { Communities = [BgpCommunity.Of(64512, 1)] }, IpAddress.Parse("192.0.2.1"), true);
        var update = BgpUpdateWriter.Announce(buffer, BgpFamily.IPv4Unicast, new(IpAddress.Parse("192.0.2.1")), attributes);
        uint next = 0x0A000000;
        while (update.TryAdd(new IpPrefix(IpAddress.V4(next), 32)))
            next++;
        var length = update.Finish();
        Assert.InRange(length, most - 4, most);
        Assert.InRange(update.Count, atLeast, most / 5);
        var read = BgpUpdate.Read(BgpOctets.FrameOf(buffer[..length], extended: true).Body, BgpOctets.External);
        Assert.Equal(update.Count, read.Announced.Count);
        Assert.Equal(BgpErrorAction.None, read.Action);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Attributes_are_read_as_they_were_written(bool fourOctetAs, bool isInternal)
    {
        var octets = Octets(Everything, IpAddress.Parse("192.0.2.1"), fourOctetAs);
        Assert.Equal(BgpAttributeWriter.SizeBytes(Everything, true, fourOctetAs), octets.Length);
        var message = Announce(BgpFamily.IPv4Unicast, new(IpAddress.Parse("192.0.2.1")), octets, "203.0.113.0/24");
        var update = BgpUpdate.Read(
            BgpOctets.FrameOf(message).Body, BgpOctets.External with { FourOctetAs = fourOctetAs, IsInternal = isInternal });
        Assert.Empty(update.Errors);
        var read = update.ReadAttributes();
        // A path of two sequences comes back as one from the merge of RFC 6793.
        Assert.Equal(Everything.AsPath!.ToString(), read.AsPath!.ToString());
        Assert.Equal(Everything with { AsPath = null }, read with { AsPath = null });
        Assert.Equal((Everything with { AsPath = null }).GetHashCode(), (read with { AsPath = null }).GetHashCode());
        Assert.NotEqual(Everything, read with { Communities = [] });
        Assert.Equal(125_000_000, read.ExtendedCommunities[0].LinkBandwidthBytesPerSecond);
        Assert.False(read.ExtendedCommunities[0].IsTransitive);
        Assert.Null(read.ExtendedCommunities[1].LinkBandwidthBytesPerSecond);
    }

    [Fact]
    public void A_link_bandwidth_that_no_link_can_have_is_none()
    {
        Assert.Null(new BgpExtendedCommunity(0x4004_FC00_7F80_0000).LinkBandwidthBytesPerSecond);
        Assert.Null(new BgpExtendedCommunity(0x4004_FC00_7FC0_0000).LinkBandwidthBytesPerSecond);
        Assert.Null(new BgpExtendedCommunity(0x4004_FC00_BF80_0000).LinkBandwidthBytesPerSecond);
        Assert.Equal("LB:64512:1", new BgpExtendedCommunity(0x4004_FC00_3F80_0000).ToString());
    }

    /// <summary>The examples of RFC 6793 section 4.2.3, and paths that contradict each other.</summary>
    [Theory]
    [InlineData("275 250 225 23456 23456 200 175", "100000 100001 200 175", "275 250 225 100000 100001 200 175")]
    [InlineData("23456", "100000", "100000")]
    [InlineData("64513 23456", "100000", "64513 100000")]
    [InlineData("23456", "100000 100001", "23456")]
    [InlineData("64513", "", "64513")]
    public void A_long_path_is_put_together_again(string path, string as4Path, string expected) =>
        Assert.Equal(expected, BgpAsPath.Merge(Path(path), Path(as4Path)).ToString());

    [Fact]
    public void Sets_and_confederations_count_as_the_standard_says()
    {
        var path = new BgpAsPath([
            new(BgpAsPathSegmentType.ConfederationSequence, [65001, 65002]), new(BgpAsPathSegmentType.Sequence, [1, 2]),
            new(BgpAsPathSegmentType.Set, [3, 4, 5]),
        ]);
        Assert.Equal(3, path.Length);
        Assert.Equal("(65001 65002) 1 2 {3,4,5}", path.ToString());
        var merged = BgpAsPath.Merge(path, new([new(BgpAsPathSegmentType.Set, [70000])]));
        Assert.Equal("(65001 65002) 1 2 {70000}", merged.ToString());
    }

    [Fact]
    public void What_an_old_speaker_aggregated_outweighs_what_it_passed_on()
    {
        const string Octets = "40010100 400204 0201 fc01 400304 c0000201 " +
            "c00706 fc01 c0000201 c01106 0201 00011170 c01208 00011170 c0000202";
        var update = BgpUpdate.Read(BgpOctets.UpdateBody("", Octets, "18cb0071"), BgpOctets.External with { FourOctetAs = false });
        var attributes = update.ReadAttributes();
        Assert.Equal("64513", attributes.AsPath!.ToString());
        Assert.Equal(64513u, attributes.Aggregator!.Value.Asn);
    }

    [Fact]
    public void Reading_and_writing_updates_costs_no_memory()
    {
        var buffer = new byte[4096];
        var hop = new BgpNextHop(IpAddress.Parse("192.0.2.1"));
        var total = 0;
        Assert.Equal(0, AllocationMeter.LeastBytes(() =>
        {
            Span<byte> octets = stackalloc byte[BgpAttributeWriter.SizeBytes(Plain, true, true)];
            BgpAttributeWriter.Write(octets, Plain, hop.Address, true);
            var update = BgpUpdateWriter.Announce(buffer, BgpFamily.IPv4Unicast, hop, octets);
            for (uint i = 0; update.TryAdd(new IpPrefix(IpAddress.V4(i), 32)); i++)
            {
            }
            var length = update.Finish();
            var read = BgpUpdate.Read(buffer.AsMemory(BgpFramer.HeaderBytes, length - BgpFramer.HeaderBytes), BgpOctets.External);
            foreach (var prefix in read.Announced)
                total += prefix.Length;
        }));
        Assert.True(total > 0);
    }

    [Fact]
    public void A_long_path_is_written_in_segments_of_255()
    {
        var path = BgpAsPath.Repeat(64512, 600);
        var octets = Octets(new() { AsPath = path }, null, fourOctetAs: true);
        var body = BgpOctets.UpdateBody("", Convert.ToHexString(octets) + "40010100 400304c0000201", "00");
        var read = BgpUpdate.Read(body, BgpOctets.External);
        Assert.Equal(BgpErrorAction.None, read.Action);
        Assert.Equal(600, read.ReadAttributes().AsPath!.Length);
        Assert.Equal(3, read.ReadAttributes().AsPath!.Segments.Length);
    }

    private static BgpAsPath Path(string text) =>
        BgpAsPath.Of([.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(uint.Parse)]);

    private static byte[] Octets(BgpAttributes attributes, IpAddress? nextHop, bool fourOctetAs)
    {
        var octets = new byte[BgpAttributeWriter.SizeBytes(attributes, nextHop is not null, fourOctetAs)];
        Assert.Equal(octets.Length, BgpAttributeWriter.Write(octets, attributes, nextHop, fourOctetAs));
        return octets;
    }

    private static byte[] Announce(BgpFamily family, BgpNextHop hop, byte[] attributes, params string[] prefixes)
    {
        var buffer = new byte[BgpFramer.MostBytes];
        return Pack(buffer, BgpUpdateWriter.Announce(buffer, family, hop, attributes), prefixes);
    }

    private static byte[] Withdraw(BgpFamily family, bool asMultiProtocol, params string[] prefixes)
    {
        var buffer = new byte[BgpFramer.MostBytes];
        return Pack(buffer, BgpUpdateWriter.Withdraw(buffer, family, asMultiProtocol), prefixes);
    }

    private static byte[] Pack(byte[] buffer, BgpUpdateWriter update, string[] prefixes)
    {
        foreach (var prefix in prefixes)
            Assert.True(update.TryAdd(IpPrefix.Parse(prefix)));
        return buffer[..update.Finish()];
    }
}
