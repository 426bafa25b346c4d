using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using FerroLB.Core.Status;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Rib;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// A speaker's BGP loop: all sessions of this node, and what each peer is told on them.
/// <code>
/// control loop --HoldSessions, AdvertiseServices, UseLinks, ShutDown--> PeerRibs: one table per peer
///                                                                          | messages, as many as the session takes
/// connections --StreamHappened--> one BgpSessionMachine per peer &lt;---------/
/// BFD loop ----BfdChanged--------/            \--> OrderStream, logs, metrics, Report
/// </code>
/// Each peer has a session machine and a table of its own, so that a broken one touches no other. A peer whose configuration is as it was
/// keeps its session, whatever else changed; one that is configured differently has its session closed and begun anew, unless only timers
/// differ. Sessions of peers that are gone are closed before new ones begin.
/// <para>
/// At the end peers that agreed to graceful restart are left without a word, by BGP and by BFD, so that they keep the routes; the others
/// are asked to prefer other ways (RFC 8326), have a second for that, and are then told that the session is shut down.
/// </para>
/// </summary>
public sealed class BgpNode : IMachine<BgpNodeInput, BgpNodeOutput>
{
    private const int BatchBytes = 2 * BgpFramer.MostExtendedBytes;
    private const string Farewell = "the speaker is shutting down";

    /// <summary>How long peers have to find other ways before the session ends.</summary>
    public static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(1);

    /// <summary>How long a session with graceful restart waits for BFD to find the path; a peer that has no BFD is connected to after
    /// that.</summary>
    public static readonly TimeSpan PathPatience = TimeSpan.FromSeconds(2);

    /// <summary>How long such a session waits after BFD has found the path: a router's BGP hears of the end of the old path from the
    /// process that speaks BFD, which takes a moment, and what it then ends must not be the new session.</summary>
    public static readonly TimeSpan PathSettling = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LeastBetweenReports = TimeSpan.FromSeconds(1);

    private readonly string _nodeName;
    private readonly SeededRandom _random;
    private readonly SortedDictionary<string, BgpNeighbor> _peers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, BgpNeighbor> _byNumber = [];
    private readonly List<(BfdSessionKey Key, BfdSessionConfig Config)> _paths = [];
    private readonly PeerRibs _ribs = new();
    private readonly Queue<BgpNodeOutput> _outputs = new();
    private readonly BgpMetrics _metrics;
    private readonly BgpListening _listening;
    private readonly BgpRouters _routers;
    private IReadOnlyList<LinkState> _links = [];
    private byte[] _batch = [];
    private BgpReport _reported = new([]);
    private Instant _madeAt;
    private Instant? _reportDue;
    private Instant? _reportedAt;
    private Instant? _endDue;
    private bool _isStopping;
    private bool _mayChangeRouter;
    private int _lastNumber;

    /// <summary>Makes a loop without peers.</summary>
    /// <param name="nodeName">This node's name, from which an identifier is made where there is no IPv4 address.</param>
    /// <param name="seed">Fixes every draw.</param>
    public BgpNode(string nodeName, ulong seed)
    {
        _nodeName = nodeName;
        _random = new(seed);
        _metrics = new(_outputs);
        _listening = new(_outputs);
        _routers = new(_outputs, _random.Fork("routers"));
    }

    /// <inheritdoc/>
    public Instant? NextDeadline
    {
        get
        {
            var due = Instant.Earlier(_reportDue, _endDue);
            due = Instant.Earlier(due, Instant.Earlier(_listening.NextDeadline, _routers.NextDeadline));
            foreach (var (_, peer) in _byNumber)
                due = Instant.Earlier(due, Instant.Earlier(peer.Machine?.NextDeadline, peer.BeginsAt));
            return due;
        }
    }

    /// <summary>The key of TCP-MD5 signatures that a handle stands for, for the one who opens the socket; empty for a handle that nobody
    /// uses any more.</summary>
    public ReadOnlyMemory<byte> KeyOf(string handle)
    {
        foreach (var (_, peer) in _peers)
        {
            if (peer.KeyHandle == handle && peer.Config.Password is { IsKnown: true } password)
                return Encoding.UTF8.GetBytes(password.Reveal());
        }
        return default;
    }

    /// <inheritdoc/>
    public bool TryTake(out BgpNodeOutput output) => _outputs.TryDequeue(out output!);

    /// <inheritdoc/>
    public void Handle(in BgpNodeInput input, Instant now)
    {
        switch (input)
        {
            case BgpNodeInput.Commanded { Command: BgpCommand.HoldSessions wish } when !_isStopping:
                Hold(wish.Peers, now);
                break;
            case BgpNodeInput.Commanded { Command: BgpCommand.AdvertiseServices change } when !_isStopping:
                foreach (var (service, routes) in change.Services)
                    _ribs.SetService(service.ToString(), routes);
                _ribs.Flush();
                foreach (var (_, peer) in _peers)
                    Tell(peer, now);
                break;
            case BgpNodeInput.Commanded { Command: BgpCommand.UseLinks change } when !_isStopping:
                _links = change.Links;
                UseRouters(now);
                foreach (var (_, peer) in _peers)
                    Configure(peer, peer.Wish, now);
                FollowSessions();
                break;
            case BgpNodeInput.Commanded { Command: BgpCommand.ShutDown } when !_isStopping:
                ShutDown(now);
                break;
            case BgpNodeInput.StreamHappened happened when _byNumber.TryGetValue(happened.Peer, out var peer):
                Feed(peer, happened.Input, now);
                break;
            case BgpNodeInput.ConnectionAccepted accepted:
                Accept(accepted.Caller, now);
                break;
            case BgpNodeInput.ListenTried tried:
                _listening.Take(tried, now);
                break;
            case BgpNodeInput.RouterMessageReceived message:
                _mayChangeRouter |= _routers.Take(message, now);
                break;
            case BgpNodeInput.RouterMessagesFailed failed:
                _routers.Fail(failed.Reason);
                _mayChangeRouter = true;
                break;
            case BgpNodeInput.BfdChanged changed:
                ChangePath(changed.Change, now);
                break;
        }
        Touch(now);
        ChangeRouters(now);
        Settle(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        foreach (var (_, peer) in _byNumber)
        {
            if (peer.BeginsAt <= now)
                Begin(peer, now);
            if (!(peer.Machine?.NextDeadline <= now))
                continue;
            peer.Machine.Advance(now);
            Drain(peer, now);
            Touch(now);
        }
        if (_endDue <= now)
            End(now);
        _listening.Advance(now);
        _routers.Advance(now);
        ChangeRouters(now);
        Settle(now);
    }

    private void Hold(ImmutableArray<BgpPeerWish> wishes, Instant now)
    {
        if (_lastNumber == 0)
            _madeAt = now;
        var wanted = new SortedDictionary<string, BgpPeerWish>(StringComparer.Ordinal);
        foreach (var wish in wishes)
            wanted[wish.Peer.Name] = wish;
        foreach (var (name, peer) in _peers.Where(item => !wanted.ContainsKey(item.Key)).ToList())
        {
            Feed(peer, new BgpSessionInput.StopRequested(BgpStopReason.PeerDeconfigured), now);
            _metrics.Remove(peer);
            _peers.Remove(name);
            _byNumber.Remove(peer.Number);
        }
        _ribs.SetPeers(wanted.Keys);
        UseRouters(now, wanted.Values);
        foreach (var (name, wish) in wanted)
        {
            if (_peers.TryGetValue(name, out var known))
                Configure(known, wish, now);
            else
                Add(wish, now);
        }
        FollowSessions();
    }

    /// <summary>Sessions are held differently: other paths are watched, and peers connect to other ports.</summary>
    private void FollowSessions()
    {
        WatchPaths();
        _listening.Use(_peers.Values);
    }

    private void Add(BgpPeerWish wish, Instant now)
    {
        var peer = new BgpNeighbor(++_lastNumber, _ribs.Find(wish.Peer.Name)!) { Wish = wish };
        _peers[wish.Peer.Name] = _byNumber[peer.Number] = peer;
        Configure(peer, wish, now);
        _metrics.Tell(peer, isNew: true);
    }

    private void Configure(BgpNeighbor peer, BgpPeerWish wish, Instant now)
    {
        var isRelabelled = peer.Session is not null && (peer.Config.Port, peer.Config.Address, peer.Config.Interface, peer.Config.Vrf) !=
            (wish.Peer.Port, wish.Peer.Address, wish.Peer.Interface, wish.Peer.Vrf);
        if (isRelabelled)
            _metrics.Remove(peer);
        if (wish.Peer.Password is null)
            peer.KeyHandle = "";
        else if (peer.KeyHandle.Length == 0 || !wish.Peer.Password.Equals(peer.Config.Password))
            peer.KeyHandle = $"{wish.Peer.Name}#{++peer.KeyCount}";
        peer.Wish = wish;
        var problem = "";
        var router = wish.Peer.Interface is { } link ? RouterOf(peer, link, out problem) : null;
        var session = new BgpSessionPlan(_nodeName, _links).SessionOf(wish.Peer, router, peer.KeyHandle, peer.Session?.Identifier);
        if (session is null)
            Refuse(peer, problem, now);
        else if (peer.Machine is null)
        {
            peer.Session = session;
            peer.Problem = "";
            peer.Machine = new(session, _random.Fork($"peer {peer.Number}"), now);
            peer.BeginsAt = now + PathPatience;
        }
        else if (session != peer.Session)
        {
            peer.Session = session;
            Feed(peer, new BgpSessionInput.ConfigChanged(session), now);
        }
        else
            Reconsider(peer, now);
        if (peer.BeginsAt is not null && !peer.WaitsForPath)
            Begin(peer, now);
        if (isRelabelled)
            _metrics.Tell(peer, isNew: true);
    }

    /// <summary>The router that a session over an interface is held with: another one only when the session is not established.</summary>
    private LinkRouter? RouterOf(BgpNeighbor peer, string link, out string problem)
    {
        var found = _routers.Find(link, _links, out problem);
        if (found is not { } router || router.Address == peer.Session?.Peer)
            return found;
        if (peer is { Machine.State: BgpSessionState.Established, Session: { } session } && session.LinkIndex == router.LinkIndex)
            return new(session.LinkIndex, session.Peer);
        Log(BgpLog.RouterFound(peer.Config, router));
        return router;
    }

    private void UseRouters(Instant now, IEnumerable<BgpPeerWish>? wishes = null) => _routers.Use(
        (wishes ?? _peers.Values.Select(peer => peer.Wish)).Select(wish => wish.Peer.Interface).OfType<string>(), _links, now);

    /// <summary>Another router was found, or a session ended that had kept to its own.</summary>
    private void ChangeRouters(Instant now)
    {
        if (!_mayChangeRouter || _isStopping)
            return;
        _mayChangeRouter = false;
        Touch(now);
        foreach (var (_, peer) in _peers)
        {
            if (peer.Config.Interface is not null)
                Configure(peer, peer.Wish, now);
        }
        FollowSessions();
    }

    private void Accept(BgpCaller caller, Instant now)
    {
        if (_isStopping)
            _outputs.Enqueue(new BgpNodeOutput.RefuseConnection(caller.Connection));
        else if (_listening.Admit(caller, _peers.Values) is { } peer)
            Feed(peer, new BgpSessionInput.StreamAccepted(caller.Connection, caller.Local), now);
    }

    private void Begin(BgpNeighbor peer, Instant now)
    {
        peer.BeginsAt = null;
        if (!_isStopping)
            Feed(peer, new BgpSessionInput.StartRequested(), now);
    }

    private void Refuse(BgpNeighbor peer, string problem, Instant now)
    {
        peer.BeginsAt = null;
        if (peer.Machine is not null)
            Feed(peer, new BgpSessionInput.StopRequested(BgpStopReason.PeerDeconfigured), now);
        (peer.Machine, peer.Session) = (null, null);
        if (peer.Problem != problem)
            Log(BgpLog.Impossible(peer.Config, problem));
        peer.Problem = problem;
    }

    /// <summary>The addresses of an interface may have changed, and with them the next hops.</summary>
    private void Reconsider(BgpNeighbor peer, Instant now)
    {
        if (peer.Machine?.Snapshot is not { Negotiated: { } negotiated, Local: { } local } || !peer.Rib.IsUp)
            return;
        var session = RibOf(peer, negotiated, local);
        if (session == peer.Told)
            return;
        peer.Told = session;
        peer.Rib.SessionChanged(session);
        Tell(peer, now);
    }

    private RibSession RibOf(BgpNeighbor peer, BgpNegotiated negotiated, IpAddress local) =>
        new BgpSessionPlan(_nodeName, _links).RibOf(negotiated, local, peer.Session!.Identifier);

    private void Feed(BgpNeighbor peer, BgpSessionInput input, Instant now)
    {
        if (peer.Machine is null)
            return;
        peer.Machine.Handle(input, now);
        Drain(peer, now);
    }

    private void Drain(BgpNeighbor peer, Instant now)
    {
        while (peer.Machine!.TryTake(out var output))
        {
            switch (output)
            {
                case BgpSessionOutput.SessionUp up:
                    peer.Told = RibOf(peer, up.Negotiated, up.Local);
                    peer.Rib.SessionUp(peer.Told);
                    Log(BgpLog.Established(peer.Config, up.Negotiated, peer.Rib.PendingCount));
                    Tell(peer, now);
                    break;
                case BgpSessionOutput.SessionDown down:
                    peer.Rib.SessionDown();
                    _mayChangeRouter |= peer.Config.Interface is not null;
                    Log(BgpLog.Down(peer.Config, down.Error));
                    break;
                case BgpSessionOutput.ReadyToWrite:
                    Tell(peer, now);
                    break;
                case BgpSessionOutput.RefreshRequested refresh:
                    peer.Rib.Refresh(refresh.Family);
                    Tell(peer, now);
                    break;
                case BgpSessionOutput.TellState told:
                    Log(BgpLog.StateChanged(peer.Config, told.From, told.To));
                    break;
                case BgpSessionOutput.TellError told:
                    Log(BgpLog.Failed(peer.Config, told.Error));
                    break;
                default:
                    _outputs.Enqueue(new BgpNodeOutput.OrderStream(peer.Number, output));
                    break;
            }
        }
    }

    /// <summary>Writes what the peer has to be told, as much as its session takes; the rest follows when there is room again.</summary>
    private void Tell(BgpNeighbor peer, Instant now)
    {
        while (peer.Rib.HasWork && peer.Machine is { } machine && peer.Told is { } session)
        {
            if (_batch.Length == 0)
                _batch = new byte[BatchBytes];
            var room = Math.Min(machine.FreeWriteBytes, _batch.Length);
            var length = 0;
            while (peer.Rib.HasWork && room - length >= session.Negotiated.MostMessageBytes)
            {
                var written = peer.Rib.WriteNext(_batch.AsSpan(length, room - length));
                if (written == 0)
                    break;
                length += written;
            }
            if (length == 0)
                return;
            machine.Handle(new BgpSessionInput.MessagesWritten(_batch.AsMemory(0, length)), now);
            Drain(peer, now);
        }
    }

    private void WatchPaths()
    {
        var wanted = new List<(BfdSessionKey Key, BfdSessionConfig Config)>();
        foreach (var (_, peer) in _peers)
        {
            var before = peer.Path;
            peer.Path = peer is { Wish.Bfd: not null, Session: { } session }
                ? new BgpSessionPlan(_nodeName, _links).BfdKeyOf(peer.Config, session)
                : null;
            if (peer.Path != before)
                peer.PathState = BfdState.Down;
            if (peer.Path is { } path && !wanted.Exists(item => item.Key == path))
                wanted.Add((path, BgpSessionPlan.BfdOf(peer.Wish.Bfd!)));
        }
        foreach (var (key, _) in _paths.Where(item => !wanted.Exists(other => other.Key == item.Key)))
            _outputs.Enqueue(new BgpNodeOutput.WishBfd(BfdInput.SessionUnwanted(key)));
        foreach (var (key, config) in wanted.Where(item => !_paths.Contains(item)))
            _outputs.Enqueue(new BgpNodeOutput.WishBfd(BfdInput.SessionWanted(key, config)));
        _paths.Clear();
        _paths.AddRange(wanted);
    }

    private void ChangePath(BfdStateChange change, Instant now)
    {
        foreach (var (_, peer) in _peers.Where(item => item.Value.Path == change.Key))
        {
            peer.PathState = change.To;
            Log(BgpLog.BfdChanged(peer.Config, change));
            if (change.IsFailure)
                Feed(peer, new BgpSessionInput.BfdWentDown(), now);
            else if (change.To == BfdState.Up && peer.BeginsAt is not null)
                peer.BeginsAt = now + PathSettling;
            else if (change.To == BfdState.Up)
                Feed(peer, new BgpSessionInput.BfdCameUp(), now);
        }
    }

    private void ShutDown(Instant now)
    {
        _isStopping = true;
        foreach (var (_, peer) in _peers)
        {
            peer.KeepsRoutes = peer.Config.GracefulRestart && peer.Machine?.Snapshot.Negotiated?.PeerGracefulRestart is not null;
            if (peer.Config.GracefulRestart)
                Feed(peer, new BgpSessionInput.StopRequested(BgpStopReason.Restart, Farewell), now);
            else if (peer.Rib.SentCount(AddressFamily.IPv4) + peer.Rib.SentCount(AddressFamily.IPv6) > 0)
            {
                peer.Rib.BeginShutdown();
                Tell(peer, now);
                _endDue = now + ShutdownPatience;
            }
        }
        if (_endDue is null)
            End(now);
    }

    private void End(Instant now)
    {
        _endDue = null;
        foreach (var (_, peer) in _peers)
            Feed(peer, new BgpSessionInput.StopRequested(BgpStopReason.AdministrativeShutdown, Farewell), now);
        // A peer that heard of the path's end would forget the routes that it keeps for us (RFC 5882 section 4.3).
        foreach (var (key, _) in _paths.Where(path => !_peers.Values.Any(peer => peer.KeepsRoutes && peer.Path == path.Key)))
            _outputs.Enqueue(new BgpNodeOutput.WishBfd(BfdInput.SessionUnwanted(key)));
        _outputs.Enqueue(new BgpNodeOutput.TellSilent());
    }

    private void Touch(Instant now)
    {
        if (_lastNumber > 0)
            _reportDue ??= _reportedAt is { } last && last + LeastBetweenReports > now ? last + LeastBetweenReports : now;
    }

    /// <summary>Says how the sessions are, at most once a second.</summary>
    private void Settle(Instant now)
    {
        if (!(_reportDue <= now))
            return;
        (_reportDue, _reportedAt) = (null, now);
        foreach (var (_, peer) in _peers)
            _metrics.Tell(peer, isNew: false);
        var report = new BgpReport([.. _peers.Values.Select(peer => peer.View(_madeAt, _listening.ProblemOf(peer)))]);
        if (report.Equals(_reported))
            return;
        _reported = report;
        _outputs.Enqueue(new BgpNodeOutput.Report(report));
    }

    private void Log(LogEvent line) => _outputs.Enqueue(new BgpNodeOutput.WriteLog(line));
}
