using FerroLB.Core.Config;

namespace FerroLB.Core.Nodes;

/// <summary>A router that this node is to hold a session with.</summary>
/// <param name="Peer">How.</param>
/// <param name="Bfd">How BFD watches the path to it; null when it does not.</param>
public sealed record BgpPeerWish(PeerConfig Peer, BfdProfileConfig? Bfd);
