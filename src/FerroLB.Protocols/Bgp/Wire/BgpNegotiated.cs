using System;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What two OPENs agree upon: what may be written to the peer and how what it writes is read.</summary>
public sealed record BgpNegotiated
{
    /// <summary>The AS that we presented.</summary>
    public required uint LocalAsn { get; init; }

    /// <summary>The peer's AS.</summary>
    public required uint PeerAsn { get; init; }

    /// <summary>Whether both are the same: an internal session.</summary>
    public bool IsInternal => LocalAsn == PeerAsn;

    /// <summary>The smaller hold time, in seconds; 0 for none (RFC 4271 section 4.2).</summary>
    public ushort HoldTimeSeconds { get; init; }

    /// <summary>Whether IPv4 unicast routes are exchanged.</summary>
    public bool IPv4Unicast { get; init; }

    /// <summary>Whether IPv6 unicast routes are exchanged.</summary>
    public bool IPv6Unicast { get; init; }

    /// <summary>Whether IPv4 prefixes may have an IPv6 next hop (RFC 8950).</summary>
    public bool IPv4OverIPv6 { get; init; }

    /// <summary>Whether AS numbers have four octets (RFC 6793).</summary>
    public bool FourOctetAs { get; init; }

    /// <summary>Whether messages may have 65535 octets (RFC 8654).</summary>
    public bool ExtendedMessages { get; init; }

    /// <summary>Whether routes may be asked for again (RFC 2918).</summary>
    public bool RouteRefresh { get; init; }

    /// <summary>Whether their begin and end are marked (RFC 7313).</summary>
    public bool EnhancedRouteRefresh { get; init; }

    /// <summary>What the peer says of graceful restart; null when it cannot, or we did not offer it.</summary>
    public BgpCapability.GracefulRestart? PeerGracefulRestart { get; init; }

    /// <summary>Whether a NOTIFICATION begins a graceful restart, too (RFC 8538: both sides set the N bit).</summary>
    public bool SparesNotifications { get; init; }

    /// <summary>The longest message that the peer reads, in octets.</summary>
    public int MostMessageBytes => ExtendedMessages ? BgpFramer.MostExtendedBytes : BgpFramer.MostBytes;

    /// <summary>Whether a family is exchanged.</summary>
    public bool Speaks(BgpFamily family) =>
        (IPv4Unicast && family == BgpFamily.IPv4Unicast) || (IPv6Unicast && family == BgpFamily.IPv6Unicast);

    /// <summary>How the peer's UPDATEs are read.</summary>
    public BgpUpdateContext UpdateContext => new()
    {
        IsInternal = IsInternal,
        FourOctetAs = FourOctetAs,
        IPv4Unicast = IPv4Unicast,
        IPv6Unicast = IPv6Unicast,
        IPv4OverIPv6 = IPv4OverIPv6,
    };

    /// <summary>Compares what was sent with what came.</summary>
    public static BgpNegotiated From(BgpOpen local, BgpOpen peer)
    {
        var ours = local.Find<BgpCapability.GracefulRestart>();
        var theirs = peer.Find<BgpCapability.GracefulRestart>();
        return new()
        {
            LocalAsn = local.Asn,
            PeerAsn = peer.Asn,
            HoldTimeSeconds = Math.Min(local.HoldTimeSeconds, peer.HoldTimeSeconds),
            IPv4Unicast = local.Speaks(BgpFamily.IPv4Unicast) && peer.Speaks(BgpFamily.IPv4Unicast),
            IPv6Unicast = local.Speaks(BgpFamily.IPv6Unicast) && peer.Speaks(BgpFamily.IPv6Unicast),
            IPv4OverIPv6 = local.Reads(BgpNextHopEncoding.IPv4OverIPv6) && peer.Reads(BgpNextHopEncoding.IPv4OverIPv6),
            FourOctetAs = Both<BgpCapability.FourOctetAs>(local, peer),
            ExtendedMessages = Both<BgpCapability.ExtendedMessage>(local, peer),
            RouteRefresh = Both<BgpCapability.RouteRefresh>(local, peer),
            EnhancedRouteRefresh = Both<BgpCapability.EnhancedRouteRefresh>(local, peer),
            PeerGracefulRestart = ours is null ? null : theirs,
            SparesNotifications = ours is { SparesNotifications: true } && theirs is { SparesNotifications: true },
        };
    }

    private static bool Both<T>(BgpOpen local, BgpOpen peer)
        where T : BgpCapability => local.Find<T>() is not null && peer.Find<T>() is not null;
}
