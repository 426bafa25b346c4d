using FerroLB.Protocols.Bgp.Session;

namespace FerroLB.Runtime.Bgp;

/// <summary>A peer of a <see cref="BgpLoop"/>.</summary>
/// <param name="Config">How its session is held now.</param>
/// <param name="Machine">Its session.</param>
internal sealed record BgpLoopPeer(BgpSessionConfig Config, BgpSessionMachine Machine);
