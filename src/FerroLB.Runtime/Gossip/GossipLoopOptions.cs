using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Runtime.Gossip;

/// <summary>What a <see cref="GossipLoop"/> is started with.</summary>
/// <param name="Config">What the member is told about itself; the loop sets the octets of the envelope.</param>
/// <param name="Envelope">The label and the keys.</param>
/// <param name="Bind">Where to listen, for datagrams and for streams.</param>
/// <param name="Seed">Fixes whom the member probes and tells.</param>
public sealed record GossipLoopOptions(GossipConfig Config, GossipEnvelope Envelope, GossipAddress Bind, ulong Seed);
