using System.Collections.Immutable;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>What must be known of an established session to advertise on it.</summary>
public sealed record RibSession
{
    /// <summary>What the OPENs agreed upon.</summary>
    public required BgpNegotiated Negotiated { get; init; }

    /// <summary>The next hop of IPv4 routes: an IPv4 address, or an IPv6 one if <see cref="BgpNegotiated.IPv4OverIPv6"/>. Null when there
    /// is none: then no IPv4 route is advertised.</summary>
    public BgpNextHop? IPv4NextHop { get; init; }

    /// <summary>The next hop of IPv6 routes, an IPv6 address; null when there is none: then no IPv6 route is advertised.</summary>
    public BgpNextHop? IPv6NextHop { get; init; }

    /// <summary>Whether routes of a family can be advertised.</summary>
    public bool Carries(AddressFamily family) => Negotiated.Speaks(BgpFamily.UnicastOf(family)) && NextHopOf(family) is { } hop &&
        (hop.Address.Family == family || (family == AddressFamily.IPv4 && Negotiated.IPv4OverIPv6));

    /// <summary>The next hop of routes of a family.</summary>
    public BgpNextHop? NextHopOf(AddressFamily family) => family == AddressFamily.IPv4 ? IPv4NextHop : IPv6NextHop;

    /// <summary>
    /// The attributes of routes on this session: internal peers get an empty path and a local preference, external ones our AS and none
    /// (RFC 4271 sections 5.1.2 and 5.1.5).
    /// </summary>
    /// <param name="terms">What is said about them.</param>
    /// <param name="isShuttingDown">Whether to ask the peer to prefer others (RFC 8326).</param>
    public BgpAttributes AttributesOf(RouteTerms terms, bool isShuttingDown)
    {
        var communities = terms.Communities;
        if (isShuttingDown && communities.BinarySearch(BgpCommunity.GracefulShutdown) is < 0 and var place)
            communities = communities.Insert(~place, BgpCommunity.GracefulShutdown);
        return new()
        {
            Origin = BgpOrigin.Igp,
            AsPath = Negotiated.IsInternal ? BgpAsPath.Empty : BgpAsPath.Repeat(Negotiated.LocalAsn, 1 + terms.PrependCount),
            MultiExitDisc = terms.MultiExitDisc,
            LocalPref = Negotiated.IsInternal ? terms.LocalPref ?? RouteTerms.DefaultLocalPref : null,
            Communities = communities,
            LargeCommunities = terms.LargeCommunities,
        };
    }
}
