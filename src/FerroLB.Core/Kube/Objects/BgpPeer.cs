using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>metallb.io/v1beta2 BGPPeer: a router to hold a BGP session with.</summary>
public sealed record BgpPeer : KubeObject
{
    /// <summary>What the user asked for.</summary>
    public BgpPeerSpec? Spec { get; init; }
}

/// <summary>Spec of a <see cref="BgpPeer"/>. AS numbers are 0 to 2^32 - 1; durations are texts such as "90s".</summary>
public sealed record BgpPeerSpec
{
    /// <summary>The local AS.</summary>
    public long? MyAsn { get; init; }

    /// <summary>The peer's AS; exactly one of this and <see cref="DynamicAsn"/>.</summary>
    public long? PeerAsn { get; init; }

    /// <summary>"internal" or "external": any AS that is equal to, or different from, the local one.</summary>
    public string? DynamicAsn { get; init; }

    /// <summary>Another AS to present to this peer.</summary>
    public long? LocalAsn { get; init; }

    /// <summary>The peer's address; exactly one of this and <see cref="Interface"/>.</summary>
    public string? PeerAddress { get; init; }

    /// <summary>The interface of an unnumbered session.</summary>
    public string? Interface { get; init; }

    /// <summary>The local address of the session.</summary>
    public string? SourceAddress { get; init; }

    /// <summary>The peer's TCP port; null means 179.</summary>
    public int? PeerPort { get; init; }

    /// <summary>Hold time.</summary>
    public string? HoldTime { get; init; }

    /// <summary>Keepalive interval.</summary>
    public string? KeepaliveTime { get; init; }

    /// <summary>Delay between attempts to connect.</summary>
    public string? ConnectTime { get; init; }

    /// <summary>The BGP identifier.</summary>
    public string? RouterId { get; init; }

    /// <summary>Nodes that open the session; empty means all.</summary>
    public IReadOnlyList<LabelSelector>? NodeSelectors { get; init; }

    /// <summary>The TCP-MD5 key in plain text. Never logged: see <see cref="ToString"/>.</summary>
    public string? Password { get; init; }

    /// <summary>Name of the Secret that holds the TCP-MD5 key.</summary>
    public string? PasswordSecretName { get; init; }

    /// <summary>Name of a BFDProfile.</summary>
    public string? BfdProfile { get; init; }

    /// <summary>Whether graceful restart is offered.</summary>
    public bool? EnableGracefulRestart { get; init; }

    /// <summary>Whether an external peer may be more than one hop away.</summary>
    public bool? EbgpMultiHop { get; init; }

    /// <summary>The VRF to peer from.</summary>
    public string? Vrf { get; init; }

    /// <summary>Deprecated, without effect.</summary>
    public bool? DisableMP { get; init; }

    /// <summary>Whether both families go over this session.</summary>
    public bool? DualStackAddressFamily { get; init; }

    /// <summary>Without the password.</summary>
    public override string ToString() => $"BgpPeerSpec {PeerAddress ?? Interface} AS {PeerAsn}";
}
