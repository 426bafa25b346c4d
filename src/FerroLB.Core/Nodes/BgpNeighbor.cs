using FerroLB.Core.Config;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Rib;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>A peer of a <see cref="BgpNode"/>: its session, and what it is told.</summary>
/// <param name="number">The number of the session.</param>
/// <param name="rib">What it shall know and was told.</param>
internal sealed class BgpNeighbor(int number, AdjRibOut rib)
{
    public int Number { get; } = number;

    public AdjRibOut Rib { get; } = rib;

    /// <summary>What is wanted of it.</summary>
    public required BgpPeerWish Wish { get; set; }

    public PeerConfig Config => Wish.Peer;

    /// <summary>How its session is held; null when none can be.</summary>
    public BgpSessionConfig? Session { get; set; }

    public BgpSessionMachine? Machine { get; set; }

    /// <summary>What was last said of its session to its table; null before it was established.</summary>
    public RibSession? Told { get; set; }

    /// <summary>Why there is no session; "" when there can be one.</summary>
    public string Problem { get; set; } = "";

    /// <summary>The handle of its password, "" for none; another password has another handle.</summary>
    public string KeyHandle { get; set; } = "";

    /// <summary>Counts its passwords.</summary>
    public int KeyCount { get; set; }

    /// <summary>The path that BFD watches; null when it does not.</summary>
    public BfdSessionKey? Path { get; set; }

    /// <summary>The state of that path.</summary>
    public BfdState PathState { get; set; } = BfdState.Down;

    /// <summary>When its session begins although BFD has not found the path; null when it does not wait for that.</summary>
    public Instant? BeginsAt { get; set; }

    /// <summary>
    /// Whether its session waits for BFD at first. A peer that keeps the routes of this node over a restart may still watch the path to the
    /// last process, and what this one says first by BFD is to it the end of that path. It must have heard that before there is a session,
    /// for the session would end with it, and the routes with the session. A peer that connects by itself is let in at once: refused, it
    /// may not come again before it has given the routes up.
    /// </summary>
    public bool WaitsForPath => Wish is { Bfd: not null, Peer: { GracefulRestart: true, IsPassive: false } };

    /// <summary>Whether it was left so that it keeps our routes while this process restarts.</summary>
    public bool KeepsRoutes { get; set; }

    /// <summary>What was last said of it in metrics.</summary>
    public BgpNeighborFigures Figures { get; set; }

    /// <summary>How it is.</summary>
    /// <param name="madeAt">Since when it is wanted.</param>
    /// <param name="listenProblem">Why it cannot connect to this node; null when it can, or does not have to.</param>
    public BgpSessionView View(Instant madeAt, string? listenProblem)
    {
        var session = Machine?.Snapshot;
        return new(
            Config.Name, session?.State ?? BgpSessionState.Idle, session?.Since ?? madeAt,
            session is null ? Problem : session.State < BgpSessionState.OpenSent && listenProblem is not null ? listenProblem
                : session.LastError?.Text,
            Rib.SentCount(AddressFamily.IPv4) + Rib.SentCount(AddressFamily.IPv6), Path is null ? null : PathState);
    }
}
