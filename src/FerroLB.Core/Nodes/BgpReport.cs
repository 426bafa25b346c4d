using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>The sessions of this node.</summary>
/// <param name="Sessions">Each of them, by the name of its peer.</param>
public sealed record BgpReport(ImmutableArray<BgpSessionView> Sessions)
{
    /// <inheritdoc/>
    public bool Equals(BgpReport? other) => other is not null && Sessions.SequenceEqual(other.Sessions);

    /// <inheritdoc/>
    public override int GetHashCode() => Sessions.Length;
}

/// <summary>A session as it is seen from outside.</summary>
/// <param name="Peer">The name of the BGPPeer.</param>
/// <param name="State">Its state.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="LastError">Why it last ended or does not come up; null for nothing yet.</param>
/// <param name="PrefixesSent">How many prefixes the peer knows.</param>
/// <param name="Bfd">The state of the path; null when BFD does not watch it.</param>
public sealed record BgpSessionView(
    string Peer, BgpSessionState State, Instant Since, string? LastError, int PrefixesSent, BfdState? Bfd);
