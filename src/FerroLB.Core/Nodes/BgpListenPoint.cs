using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>Where peers may connect to: one port, of one family, in one VRF, at all addresses of the node.</summary>
/// <param name="Family">The family.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="Vrf">The VRF; "" for the default one.</param>
public readonly record struct BgpListenPoint(AddressFamily Family, int Port, string Vrf)
{
    /// <inheritdoc/>
    public override string ToString() => $"port {Port} of {Family}{(Vrf.Length == 0 ? "" : $" in VRF {Vrf}")}";
}

/// <summary>The key with which a peer has to sign already the packet that asks for a connection.</summary>
/// <param name="Peer">The peer's address.</param>
/// <param name="KeyHandle">Stands for the key.</param>
public readonly record struct BgpListenKey(IpAddress Peer, string KeyHandle);

/// <summary>A port that is to be listened to.</summary>
/// <param name="Point">Where.</param>
/// <param name="Keys">The keys of those peers that have one, at most one for each address.</param>
public sealed record BgpListenWish(BgpListenPoint Point, ImmutableArray<BgpListenKey> Keys)
{
    /// <inheritdoc/>
    public bool Equals(BgpListenWish? other) => other is not null && Point == other.Point && Keys.SequenceEqual(other.Keys);

    /// <inheritdoc/>
    public override int GetHashCode() => Point.Port;
}

/// <summary>A connection that somebody opened.</summary>
/// <param name="Connection">Its number, positive and never used twice.</param>
/// <param name="Point">Where it came in.</param>
/// <param name="From">Who opened it.</param>
/// <param name="Local">The node's address that was called.</param>
/// <param name="LinkIndex">The interface, where <paramref name="From"/> is link-local IPv6; else 0.</param>
/// <param name="TimeToLive">The TTL or hop limit of the packet that asked for it; 0 where the kernel does not tell.</param>
public sealed record BgpCaller(
    long Connection, BgpListenPoint Point, IpAddress From, IpAddress Local, int LinkIndex, int TimeToLive);
