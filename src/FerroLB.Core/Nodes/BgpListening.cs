using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Where a <see cref="BgpNode"/> lets peers connect to it, and whom it lets in. A port is listened to only while a passive peer needs it:
/// its own <c>peerPort</c>, in its VRF and family. Whoever calls there and is none of the peers is sent away; an active peer is let in
/// too, and its session decides which of two connections stays. A port that cannot be had is tried again, and the peers that need it say
/// why they wait.
/// </summary>
internal sealed class BgpListening(Queue<BgpNodeOutput> outputs)
{
    private const int MostRemembered = 256;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(10);

    private readonly List<(BgpListenPoint Point, string Problem)> _problems = [];
    private readonly SortedSet<IpAddress> _refused = [];
    private ImmutableArray<BgpListenWish> _wishes = [];
    private Instant? _retryDue;

    /// <summary>When a port is to be tried again.</summary>
    public Instant? NextDeadline => _retryDue;

    /// <summary>Listens to what these peers need, and to nothing else.</summary>
    public void Use(IEnumerable<BgpNeighbor> peers)
    {
        var held = peers.Where(peer => peer.Session is not null).ToList();
        ImmutableArray<BgpListenWish> wishes =
        [
            .. held.Where(peer => peer.Session!.IsPassive).Select(PointOf).Distinct()
                .OrderBy(point => point.Vrf, StringComparer.Ordinal).ThenBy(point => point.Port).ThenBy(point => point.Family)
                .Select(point => new BgpListenWish(point, KeysAt(point, held))),
        ];
        if (wishes.SequenceEqual(_wishes))
            return;
        _wishes = wishes;
        _refused.Clear();
        _problems.RemoveAll(item => !_wishes.Any(wish => wish.Point == item.Point));
        if (_problems.Count == 0)
            _retryDue = null;
        outputs.Enqueue(new BgpNodeOutput.Listen(_wishes));
    }

    /// <summary>Takes whether a port is listened to.</summary>
    /// <param name="tried">What became of it.</param>
    /// <param name="now">When.</param>
    public void Take(BgpNodeInput.ListenTried tried, Instant now)
    {
        var before = _problems.FindIndex(item => item.Point == tried.Point);
        if (tried.Problem is null || !_wishes.Any(wish => wish.Point == tried.Point))
        {
            if (before >= 0)
                _problems.RemoveAt(before);
            return;
        }
        _retryDue ??= now + RetryDelay;
        if (before >= 0 && _problems[before].Problem == tried.Problem)
            return;
        if (before >= 0)
            _problems.RemoveAt(before);
        _problems.Add((tried.Point, tried.Problem));
        outputs.Enqueue(new BgpNodeOutput.WriteLog(BgpLog.CannotListen(tried.Point, tried.Problem)));
    }

    /// <summary>Tries ports again whose time has come.</summary>
    public void Advance(Instant now)
    {
        if (!(_retryDue <= now))
            return;
        _retryDue = null;
        outputs.Enqueue(new BgpNodeOutput.Listen(_wishes));
    }

    /// <summary>Why a peer cannot connect; null when it can, or does not have to.</summary>
    public string? ProblemOf(BgpNeighbor peer)
    {
        if (peer.Session is not { IsPassive: true } || _problems.Count == 0)
            return null;
        var point = PointOf(peer);
        return _problems.Where(item => item.Point == point).Select(item => $"cannot listen to {point}: {item.Problem}").FirstOrDefault();
    }

    /// <summary>The peer that called, let in already; null when the caller is sent away.</summary>
    public BgpNeighbor? Admit(BgpCaller caller, IEnumerable<BgpNeighbor> peers)
    {
        var known = peers.Where(peer => peer is { Machine: not null, Session: { } session } && session.Peer == caller.From &&
            session.Vrf == caller.Point.Vrf && (session.LinkIndex == 0 || session.LinkIndex == caller.LinkIndex)).ToList();
        // One address may be two peers by their ports; the one that is listened for here is meant.
        var peer = known.Find(peer => peer.Session!.IsPassive && PointOf(peer) == caller.Point) ??
            known.Find(peer => !peer.Session!.IsPassive);
        if (peer is null)
            return Refuse(caller, "it is the address of no BGPPeer of this node");
        var options = peer.Session!.StreamOptions;
        if (caller.TimeToLive > 0 && caller.TimeToLive < options.LeastTimeToLive)
            return Refuse(caller, $"its packets came with TTL {caller.TimeToLive}, and TTL security wants {options.LeastTimeToLive}");
        if (options.KeyHandle.Length > 0 && _problems.Exists(item => item.Point == caller.Point))
            return Refuse(caller, "nobody can tell whether it knows the password, as the port has a problem");
        outputs.Enqueue(new BgpNodeOutput.AdmitConnection(caller.Connection, peer.Number, options));
        return peer;
    }

    private BgpNeighbor? Refuse(BgpCaller caller, string reason)
    {
        outputs.Enqueue(new BgpNodeOutput.RefuseConnection(caller.Connection));
        // One that knocks again and again is told of once.
        if (_refused.Count < MostRemembered && _refused.Add(caller.From))
            outputs.Enqueue(new BgpNodeOutput.WriteLog(BgpLog.Refused(caller, reason)));
        return null;
    }

    private static BgpListenPoint PointOf(BgpNeighbor peer) =>
        new(peer.Session!.Peer.Family, peer.Session.Port, peer.Session.Vrf);

    // Of active peers as well: one that signs could not be let in otherwise.
    private static ImmutableArray<BgpListenKey> KeysAt(BgpListenPoint point, List<BgpNeighbor> peers) =>
    [
        .. peers.Select(peer => peer.Session!)
            .Where(session => session.Vrf == point.Vrf && session.Peer.Family == point.Family && session.KeyHandle.Length > 0)
            .OrderBy(session => !IsServedAt(point, session)).DistinctBy(session => session.Peer).OrderBy(session => session.Peer)
            .Select(session => new BgpListenKey(session.Peer, session.KeyHandle)),
    ];

    private static bool IsServedAt(BgpListenPoint point, BgpSessionConfig session) => session.IsPassive && session.Port == point.Port;
}
