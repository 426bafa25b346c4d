using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FerroLB.Core.Config;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Rib;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Works out what a peer's configuration leaves to the node: the BGP identifier, the next hops, and whether BFD has to cross routers.
/// </summary>
/// <param name="nodeName">The node's name.</param>
/// <param name="links">The node's interfaces.</param>
internal sealed class BgpSessionPlan(string nodeName, IReadOnlyList<LinkState> links)
{
    private const ushort DefaultHoldSeconds = 180;
    private const ushort DefaultKeepAliveSeconds = 60;

    /// <summary>How to hold the session; null for one over an interface whose router is not known.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="router">The router, where the peer is an interface.</param>
    /// <param name="keyHandle">Stands for its password.</param>
    /// <param name="before">The identifier so far, which stays as long as it can, for another one ends the session; null for
    /// none.</param>
    public BgpSessionConfig? SessionOf(PeerConfig peer, LinkRouter? router, string keyHandle, uint? before)
    {
        if ((router?.Address ?? peer.Address) is not { } address)
            return null;
        var carriesBoth = peer.DualStack || router is not null;
        return new()
        {
            LocalAsn = peer.LocalAsn ?? peer.MyAsn,
            Identifier = IdentifierFor(peer, address, router, before),
            PeerAs = peer.DynamicAsn switch
            {
                DynamicAsn.Internal => BgpPeerAs.Internal,
                DynamicAsn.External => BgpPeerAs.External,
                _ => BgpPeerAs.Exact,
            },
            PeerAsn = peer.PeerAsn ?? 0,
            Peer = address,
            Port = peer.Port,
            Source = peer.SourceAddress?.Family == address.Family ? peer.SourceAddress : null,
            LinkIndex = router?.LinkIndex ?? 0,
            Vrf = peer.Vrf,
            KeyHandle = keyHandle,
            HoldTimeSeconds = peer.HoldTime is { } hold ? (ushort)hold.TotalSeconds : DefaultHoldSeconds,
            KeepAliveSeconds = peer.KeepaliveTime is { } keepAlive
                ? (ushort)Math.Ceiling(keepAlive.TotalSeconds)
                : DefaultKeepAliveSeconds,
            ConnectRetrySeconds = (ushort)(peer.ConnectTime?.TotalSeconds ?? 0),
            IsPassive = peer.IsPassive,
            IsMultiHop = peer.EbgpMultiHop && router is null,
            TtlSecurityHops = peer.TtlSecurityHops ?? 0,
            IPv4Unicast = carriesBoth || address.IsIPv4,
            IPv6Unicast = carriesBoth || address.IsIPv6,
            IPv4OverIPv6 = router is not null,
            GracefulRestart = peer.GracefulRestart,
        };
    }

    /// <summary>The path that BFD watches: across routers when an external peer may be behind some, or an internal one shares no
    /// network with this node.</summary>
    public BfdSessionKey BfdKeyOf(PeerConfig peer, BgpSessionConfig session) => new(
        session.LinkIndex == 0 && (peer.EbgpMultiHop || (session.IsInternal && LinkTo(session.Peer) is null)),
        session.Peer, session.Source, session.LinkIndex, session.Vrf);

    /// <summary>How BFD watches it.</summary>
    public static BfdSessionConfig BfdOf(BfdProfileConfig profile) => new()
    {
        ReceiveInterval = TimeSpan.FromMilliseconds(profile.ReceiveIntervalMilliseconds),
        TransmitInterval = TimeSpan.FromMilliseconds(profile.TransmitIntervalMilliseconds),
        DetectMultiplier = profile.DetectMultiplier,
        EchoInterval = TimeSpan.FromMilliseconds(profile.EchoIntervalMilliseconds),
        EchoMode = profile.EchoMode,
        PassiveMode = profile.PassiveMode,
        MinimumTtl = profile.MinimumTtl,
    };

    /// <summary>
    /// What is said on an established session: its own address is the next hop of its family, another address of the same interface that
    /// of the other one.
    /// </summary>
    public RibSession RibOf(BgpNegotiated negotiated, IpAddress local, uint identifier)
    {
        var link = links.FirstOrDefault(link => link.Addresses.Any(entry => entry.Address == local));
        return new()
        {
            Negotiated = negotiated,
            IPv4NextHop = local.IsIPv4 ? new(local)
                : negotiated.IPv4OverIPv6 && local.IsLinkLocal ? new(local)
                : First(link, AddressFamily.IPv4) is { } v4 ? new(v4)
                : HasAddress(IpAddress.V4(identifier)) ? new(IpAddress.V4(identifier)) : null,
            IPv6NextHop = local.IsIPv6 ? new(local) : First(link, AddressFamily.IPv6) is { } v6 ? new(v6) : null,
        };
    }

    private uint IdentifierFor(PeerConfig peer, IpAddress address, LinkRouter? router, uint? before)
    {
        if (peer.RouterId is { } written)
            return (uint)written.Value;
        var byName = BinaryPrimitives.ReverseEndianness(Crc32.Of(Encoding.UTF8.GetBytes(nodeName)));
        if (before is { } kept && (kept == byName || HasAddress(IpAddress.V4(kept))))
            return kept;
        if (peer.SourceAddress is { IsIPv4: true } source)
            return (uint)source.Value;
        var near = router is { } found ? links.FirstOrDefault(link => link.Index == found.LinkIndex) : LinkTo(address);
        var onPath = near?.Addresses
            .Where(entry => entry.Address.IsIPv4 && new IpPrefix(entry.Address, entry.PrefixLength).Contains(address))
            .Select(entry => (IpAddress?)entry.Address).FirstOrDefault();
        var chosen = onPath ?? First(near, AddressFamily.IPv4) ??
            links.Select(link => First(link, AddressFamily.IPv4)).FirstOrDefault(found => found is not null);
        return chosen is { } own ? (uint)own.Value : byName == 0 ? 1 : byName;
    }

    private bool HasAddress(IpAddress address) => links.Any(link => link.Addresses.Any(entry => entry.Address == address));

    private LinkState? LinkTo(IpAddress peer) => links
        .SelectMany(link => link.Addresses, (link, entry) => (link, entry))
        .Where(item => item.entry.Address.Family == peer.Family &&
            new IpPrefix(item.entry.Address, item.entry.PrefixLength).Contains(peer))
        .OrderByDescending(item => item.entry.PrefixLength)
        .Select(item => item.link).FirstOrDefault();

    // A global address if there is one; a link-local one serves IPv6 in need. The loopback network is nobody's.
    private static IpAddress? First(LinkState? link, AddressFamily family)
    {
        var found = link?.Addresses.Select(entry => entry.Address).Where(address =>
            address.Family == family && !(address.IsIPv4 ? address.Value >> 24 == 127 || address.IsLinkLocal : address.Value == 1))
            .ToList() ?? [];
        var global = found.FindIndex(address => !address.IsLinkLocal);
        return found.Count == 0 ? null : found[Math.Max(0, global)];
    }
}
