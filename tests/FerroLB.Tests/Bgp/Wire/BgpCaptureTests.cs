using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bgp.Wire;

/// <summary>What Debian's routing daemons really send.</summary>
public sealed class BgpCaptureTests
{
    public static TheoryData<string> Captured => [.. BgpVectors.Names("captured")];

    public static TheoryData<string> Opens => [.. BgpVectors.Names("captured").Where(IsOpen)];

    [Theory]
    [MemberData(nameof(Captured))]
    public void What_real_daemons_send_is_read(string name)
    {
        var vector = BgpVectors.Read("captured", name);
        var frame = BgpOctets.FrameOf(vector.Message);
        Assert.Equal(vector["reads"], frame.Type switch
        {
            BgpMessageType.Open => Describe(Open(frame)),
            BgpMessageType.Update => Describe(BgpUpdate.Read(frame.Body, BgpOctets.External)),
            BgpMessageType.RouteRefresh => DescribeRefresh(frame),
            _ => Describe(BgpNotification.Read(frame.Body.Span)),
        });
    }

    [Theory]
    [MemberData(nameof(Opens))]
    public void Real_daemons_and_we_agree_on_both_families_and_four_octets(string name)
    {
        var ours = BgpOpen.Of(64512, 90, 1, [
            new BgpCapability.MultiProtocol(BgpFamily.IPv4Unicast), new BgpCapability.MultiProtocol(BgpFamily.IPv6Unicast),
            new BgpCapability.GracefulRestart(false, true, 120, []),
        ]);
        var peer = Open(BgpOctets.FrameOf(BgpVectors.Read("captured", name).Message));
        Assert.Null(peer.Check(new() { LocalAsn = 64512, LocalIdentifier = 1, PeerAs = BgpPeerAs.External }));
        var both = BgpNegotiated.From(ours, peer);
        Assert.True(both is { IPv4Unicast: true, IPv6Unicast: true, FourOctetAs: true, PeerGracefulRestart: not null });
    }

    [Fact]
    public void The_text_of_a_daemon_that_is_stopped_is_shown()
    {
        var frame = BgpOctets.FrameOf(BgpVectors.Read("captured", "openbgpd-6-notification").Message);
        Assert.Equal("bgpd shutting down", BgpNotification.Read(frame.Body.Span).Text);
    }

    [Fact]
    public void All_five_daemons_are_there() =>
        Assert.Equal(
            ["bird", "exabgp", "frr", "gobgp", "openbgpd"],
            BgpVectors.Names("captured").Select(name => name.Split('-')[0]).Distinct().Order(StringComparer.Ordinal));

    private static bool IsOpen(string name) => name.EndsWith("open", StringComparison.Ordinal);

    private static BgpOpen Open(BgpFrame frame)
    {
        Assert.True(BgpOpen.TryRead(frame.Body.Span, out var open, out var error), error?.ToString());
        Assert.Equal(
            Convert.ToHexString(frame.Body.Span[..9]),
            Convert.ToHexString(BgpOctets.Written(output => BgpMessageWriter.WriteOpen(output, open!)).AsSpan(19, 9)));
        return open!;
    }

    private static string Describe(BgpOpen open) =>
        $"as {open.Asn} hold {open.HoldTimeSeconds} id {IpAddress.V4(open.Identifier)} " +
        $"capabilities {string.Join(' ', open.Capabilities.Select(capability => capability.Code))}";

    private static string Describe(BgpNotification notification) => $"{(byte)notification.Code}/{notification.Subcode}";

    private static string DescribeRefresh(BgpFrame frame)
    {
        Assert.True(BgpRouteRefresh.TryRead(frame.Body.Span, out var refresh, out _));
        return $"{refresh.Family.Afi}/{refresh.Family.Safi} kind {(byte)refresh.Kind}";
    }

    private static string Describe(BgpUpdate update)
    {
        Assert.True(update.Action == BgpErrorAction.None, string.Join("; ", update.Errors));
        if (update.EndOfRib is { } family)
            return $"end of {family.Afi}/{family.Safi}";
        var parts = new List<string>();
        var a = update.ReadAttributes();
        Add(parts, "announced", string.Join(',', update.Announced.ToArray()));
        Add(parts, "withdrawn", string.Join(',', update.Withdrawn.ToArray()));
        Add(parts, "origin", ((byte?)a.Origin).ToString());
        Add(parts, "path", a.AsPath?.ToString());
        Add(parts, "hop", update.NextHop?.ToString());
        Add(parts, "med", a.MultiExitDisc?.ToString());
        Add(parts, "c", string.Join(' ', a.Communities));
        Add(parts, "x", string.Join(' ', a.ExtendedCommunities.Select(community => $"0x{community.Value:x16}")));
        Add(parts, "l", string.Join(' ', a.LargeCommunities));
        if (update.Reach is { } reach)
            Add(parts, "reach", $"{string.Join(',', reach.Prefixes.ToArray())} via {reach.NextHop}");
        if (update.Unreach is { } unreach)
            Add(parts, "unreach", string.Join(',', unreach.Prefixes.ToArray()));
        return string.Join("; ", parts.Order(StringComparer.Ordinal));
    }

    private static void Add(List<string> parts, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            parts.Add($"{name} {value}");
    }
}
