using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>
/// A valid BGPPeer: a router to hold a session with. References are resolved, so the last valid form of a peer stays whole when the
/// profile or the Secret that it names changes or goes.
/// </summary>
/// <param name="Name">The object's name, by which advertisements choose peers.</param>
public sealed record PeerConfig(string Name)
{
    /// <summary>Our AS number, not 0.</summary>
    public uint MyAsn { get; init; }

    /// <summary>The peer's AS number; null when <see cref="DynamicAsn"/> says which are accepted.</summary>
    public uint? PeerAsn { get; init; }

    /// <summary>Which AS numbers are accepted; null when <see cref="PeerAsn"/> is fixed.</summary>
    public DynamicAsn? DynamicAsn { get; init; }

    /// <summary>The AS number to present to this peer in place of <see cref="MyAsn"/>; null for none.</summary>
    public uint? LocalAsn { get; init; }

    /// <summary>The peer's address; null for an unnumbered session.</summary>
    public IpAddress? Address { get; init; }

    /// <summary>The interface of an unnumbered session; null when there is an <see cref="Address"/>.</summary>
    public string? Interface { get; init; }

    /// <summary>The peer's TCP port.</summary>
    public int Port { get; init; } = 179;

    /// <summary>The VRF to peer from; "" for the default one.</summary>
    public string Vrf { get; init; } = "";

    /// <summary>The local address of the session, of the family of <see cref="Address"/>; null to let the kernel choose.</summary>
    public IpAddress? SourceAddress { get; init; }

    /// <summary>Hold time, whole seconds, 0 or 3-65535 s; null for the engine's default.</summary>
    public TimeSpan? HoldTime { get; init; }

    /// <summary>Keepalive interval, at most the hold time; null exactly when <see cref="HoldTime"/> is.</summary>
    public TimeSpan? KeepaliveTime { get; init; }

    /// <summary>Delay between attempts to connect, whole seconds, 1-65535 s; null for the engine's own back-off.</summary>
    public TimeSpan? ConnectTime { get; init; }

    /// <summary>The BGP identifier, an IPv4 address; null to derive one from the node.</summary>
    public IpAddress? RouterId { get; init; }

    /// <summary>The nodes that open the session; empty for all.</summary>
    public SelectorList NodeSelectors { get; init; } = SelectorList.Empty;

    /// <summary>The key of TCP-MD5 signatures; null for none.</summary>
    public SessionPassword? Password { get; init; }

    /// <summary>The BFD profile as written; null for no BFD. See <see cref="ClusterConfig.BfdProfileOf"/>.</summary>
    public BfdProfileConfig? BfdProfile { get; init; }

    /// <summary>Whether graceful restart (RFC 4724) is offered.</summary>
    public bool GracefulRestart { get; init; }

    /// <summary>Whether an external peer may be more than one hop away.</summary>
    public bool EbgpMultiHop { get; init; }

    /// <summary>Whether both families go over this session.</summary>
    public bool DualStack { get; init; }

    /// <summary>Whether the session carries IPv4 routes.</summary>
    public bool CarriesIPv4 => DualStack || Interface is not null || Address is { IsIPv4: true };

    /// <summary>Whether the session carries IPv6 routes.</summary>
    public bool CarriesIPv6 => DualStack || Interface is not null || Address is { IsIPv6: true };

    /// <summary>The most hops that the peer's packets may have made (RFC 5082), 1-254; null for no check.</summary>
    public int? TtlSecurityHops { get; init; }

    /// <summary>Whether to wait for the peer to connect.</summary>
    public bool IsPassive { get; init; }

    /// <summary>Whether a node with these labels holds the session.</summary>
    public bool CoversNode(IReadOnlyDictionary<string, string> labels) => NodeSelectors.IsEmptyOrMatches(labels);

    /// <summary>Whom the session is held with: "192.0.2.1 port 179", with the VRF if there is one.</summary>
    public string Target => $"{Interface ?? Address.ToString()} port {Port}{(Vrf.Length == 0 ? "" : $" in VRF {Vrf}")}";
}
