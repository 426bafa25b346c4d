using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>How a session with one peer is held.</summary>
public sealed record BgpSessionConfig
{
    /// <summary>The AS that we present to this peer, in the OPEN and at the head of every path.</summary>
    public required uint LocalAsn { get; init; }

    /// <summary>Our BGP identifier, not 0.</summary>
    public required uint Identifier { get; init; }

    /// <summary>Which AS the peer may have.</summary>
    public BgpPeerAs PeerAs { get; init; } = BgpPeerAs.Exact;

    /// <summary>The peer's AS, where <see cref="PeerAs"/> is <see cref="BgpPeerAs.Exact"/>.</summary>
    public uint PeerAsn { get; init; }

    /// <summary>The peer's address.</summary>
    public required IpAddress Peer { get; init; }

    /// <summary>The peer's TCP port.</summary>
    public int Port { get; init; } = 179;

    /// <summary>Our address; null when the kernel chooses it.</summary>
    public IpAddress? Source { get; init; }

    /// <summary>The interface to the peer; 0 when the kernel chooses it. Needed for a link-local peer.</summary>
    public int LinkIndex { get; init; }

    /// <summary>The VRF of the session; "" for the default one.</summary>
    public string Vrf { get; init; } = "";

    /// <summary>The handle of the key of TCP-MD5 signatures (RFC 2385), which the shell resolves; "" for none. Another key has another
    /// handle.</summary>
    public string KeyHandle { get; init; } = "";

    /// <summary>The hold time that we offer, in seconds: 0 for none, else 3-65535.</summary>
    public ushort HoldTimeSeconds { get; init; } = 180;

    /// <summary>The longest time between two KEEPALIVEs of ours, in seconds; never more than a third of the hold time is used.</summary>
    public ushort KeepAliveSeconds { get; init; } = 60;

    /// <summary>The time between attempts to connect, in seconds; 0 for 5 s growing to 60 s.</summary>
    public ushort ConnectRetrySeconds { get; init; }

    /// <summary>Whether to wait for the peer to connect.</summary>
    public bool IsPassive { get; init; }

    /// <summary>Whether an external peer may be more than one hop away.</summary>
    public bool IsMultiHop { get; init; }

    /// <summary>The most hops that the peer's packets may have made (RFC 5082), 1-254; 0 for no check.</summary>
    public int TtlSecurityHops { get; init; }

    /// <summary>Whether IPv4 unicast is offered.</summary>
    public bool IPv4Unicast { get; init; }

    /// <summary>Whether IPv6 unicast is offered.</summary>
    public bool IPv6Unicast { get; init; }

    /// <summary>Whether IPv4 prefixes with an IPv6 next hop are offered (RFC 8950).</summary>
    public bool IPv4OverIPv6 { get; init; }

    /// <summary>Whether graceful restart is offered (RFC 4724): the peer keeps our routes while this process restarts.</summary>
    public bool GracefulRestart { get; init; }

    /// <summary>Whether the peer is in our own AS as far as the configuration tells.</summary>
    public bool IsInternal => PeerAs == BgpPeerAs.Internal || (PeerAs == BgpPeerAs.Exact && PeerAsn == LocalAsn);

    /// <summary>The options of a connection to the peer.</summary>
    public BgpStreamOptions StreamOptions => new(
        Peer, Port, Source, LinkIndex, Vrf, KeyHandle,
        TtlSecurityHops == 0 && !IsInternal && !IsMultiHop ? 1 : byte.MaxValue,
        TtlSecurityHops == 0 ? 0 : byte.MaxValue + 1 - TtlSecurityHops);

    /// <summary>
    /// Whether a session that runs may go on under another configuration: only timers differ, which count from the next session on.
    /// </summary>
    internal bool KeepsSession(BgpSessionConfig other) => this == other with
    {
        HoldTimeSeconds = HoldTimeSeconds,
        KeepAliveSeconds = KeepAliveSeconds,
        ConnectRetrySeconds = ConnectRetrySeconds,
    };
}
