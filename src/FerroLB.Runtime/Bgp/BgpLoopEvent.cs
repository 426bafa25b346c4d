using System.Net.Sockets;
using System.Threading.Tasks;
using FerroLB.Protocols.Bgp.Session;

namespace FerroLB.Runtime.Bgp;

/// <summary>What a <see cref="BgpLoop"/> is told; exactly one of the parts after the peer is there.</summary>
/// <param name="Peer">The peer's number; 0 for an accepted connection, whose peer is found by its address.</param>
/// <param name="Input">Something for its session.</param>
/// <param name="Config">The peer is new.</param>
/// <param name="Accepted">A connection that somebody opened.</param>
/// <param name="Answer">Somebody wants to know how the session is.</param>
internal sealed record BgpLoopEvent(
    int Peer,
    BgpSessionInput? Input,
    BgpSessionConfig? Config,
    Socket? Accepted,
    TaskCompletionSource<BgpSessionSnapshot?>? Answer = null);
