using System;
using System.Collections.Generic;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>
/// The session with one peer (RFC 4271 section 8): it connects and lets itself be connected to, agrees with the peer on what both can,
/// keeps the session alive, and ends it in the way that the peer has to be told.
/// <para>
/// <see cref="BgpSessionInput.StartRequested"/> leads to an order to open a connection; once it is open an OPEN goes out, the peer's OPEN
/// is judged, KEEPALIVEs are exchanged, and <see cref="BgpSessionOutput.SessionUp"/> tells what was agreed upon. From then on whoever owns
/// the routes writes whole messages, as many as <see cref="FreeWriteBytes"/> allows, and is told when there is room again. What the peer
/// advertises is checked as RFC 7606 wants it and thrown away: nothing is ever learned from a peer.
/// </para>
/// <para>
/// The peer may connect as well. Of two connections the one survives that was opened by the side with the higher identifier (section 6.8).
/// Each connection has a state of its own until one is established; the state of the session is that of the one that is further.
/// </para>
/// <para>
/// An error of the protocol, from either side, holds the session back (<see cref="BgpBackOff"/>); what merely cannot connect is tried
/// again. Every state has a timer that ends it, except waiting for a peer that has to connect by itself.
/// </para>
/// </summary>
public sealed partial class BgpSessionMachine : IMachine<BgpSessionInput, BgpSessionOutput>
{
    /// <summary>The most octets that wait for the kernel to take the ones before them.</summary>
    public const int MostWaitingBytes = 256 * 1024;

    private readonly SeededRandom _random;
    private readonly BgpBackOff _backOff;
    private readonly Instant _madeAt;
    private readonly Queue<BgpSessionOutput> _outputs = new();
    private readonly long[] _sent = new long[(int)BgpMessageType.RouteRefresh + 1];
    private readonly long[] _received = new long[(int)BgpMessageType.RouteRefresh + 1];
    private BgpSessionConfig _config;
    private BgpConnection? _outgoing;
    private BgpConnection? _incoming;
    private long? _attempt;
    private Instant? _attemptDue;
    private Instant? _retryDue;
    private Instant? _heldUntil;
    private bool _isHeldByBfd;
    private bool _isWanted;
    private bool _wantsToWrite;
    private long _lastStream;
    private long _faultyUpdates;
    private long _establishments;
    private BgpSessionState _told = BgpSessionState.Idle;
    private Instant _since;
    private BgpSessionError? _lastError;

    /// <summary>Makes the machine; nothing happens before StartRequested.</summary>
    /// <param name="config">How to hold the session.</param>
    /// <param name="random">Draws jitter.</param>
    /// <param name="now">When; a peer that is reached soon after is told that this process has restarted.</param>
    public BgpSessionMachine(BgpSessionConfig config, SeededRandom random, Instant now)
    {
        _config = config;
        _random = random;
        _backOff = new(random);
        _madeAt = _since = now;
    }

    /// <summary>The state.</summary>
    public BgpSessionState State
    {
        get
        {
            var (first, second) = (_outgoing?.State ?? BgpSessionState.Idle, _incoming?.State ?? BgpSessionState.Idle);
            var further = first > second ? first : second;
            if (further != BgpSessionState.Idle)
                return further;
            if (!_isWanted || _heldUntil is not null)
                return BgpSessionState.Idle;
            return _attempt is null ? BgpSessionState.Active : BgpSessionState.Connect;
        }
    }

    /// <summary>How many octets of messages may be written now; 0 unless the session is established.</summary>
    public int FreeWriteBytes =>
        Established is { } connection ? Math.Max(0, MostWaitingBytes - connection.Queue.WaitingBytes) : 0;

    /// <summary>Whether everything that was written has been taken by the kernel.</summary>
    public bool HasWrittenAll => Established is not { } connection || (connection.Queue.WaitingBytes == 0 && !connection.Queue.IsFlying);

    /// <summary>The session as it is now.</summary>
    public BgpSessionSnapshot Snapshot => new(
        State, _since, _lastError, Established?.Negotiated, Established?.PeerOpen?.Identifier ?? 0, Established?.Local, Counters);

    /// <inheritdoc/>
    public Instant? NextDeadline => Instant.Earlier(
        Instant.Earlier(_outgoing?.NextDeadline, _incoming?.NextDeadline),
        Instant.Earlier(Instant.Earlier(_attemptDue, _retryDue), _heldUntil));

    private BgpConnection? Established =>
        _outgoing is { State: BgpSessionState.Established } ? _outgoing
        : _incoming is { State: BgpSessionState.Established } ? _incoming : null;

    private BgpSessionCounters Counters => new()
    {
        OpensSent = _sent[(int)BgpMessageType.Open],
        OpensReceived = _received[(int)BgpMessageType.Open],
        UpdatesSent = _sent[(int)BgpMessageType.Update],
        UpdatesReceived = _received[(int)BgpMessageType.Update],
        NotificationsSent = _sent[(int)BgpMessageType.Notification],
        NotificationsReceived = _received[(int)BgpMessageType.Notification],
        KeepAlivesSent = _sent[(int)BgpMessageType.KeepAlive],
        KeepAlivesReceived = _received[(int)BgpMessageType.KeepAlive],
        RouteRefreshesSent = _sent[(int)BgpMessageType.RouteRefresh],
        RouteRefreshesReceived = _received[(int)BgpMessageType.RouteRefresh],
        FaultyUpdates = _faultyUpdates,
        Establishments = _establishments,
    };

    /// <inheritdoc/>
    public void Handle(in BgpSessionInput input, Instant now)
    {
        switch (input)
        {
            case BgpSessionInput.StartRequested:
                Start(now);
                break;
            case BgpSessionInput.StopRequested stop:
                Stop(stop);
                break;
            case BgpSessionInput.ResetRequested reset when _isWanted:
                BeginAnew(BgpNotification.Cease(BgpCeaseSubcode.AdministrativeReset, reset.Text), "reset by the operator", now);
                break;
            case BgpSessionInput.ConfigChanged changed:
                Reconfigure(changed.Config, now);
                break;
            case BgpSessionInput.MessagesWritten written:
                Write(written.Messages.Span, now);
                break;
            case BgpSessionInput.BfdWentDown:
                LosePath(now);
                break;
            case BgpSessionInput.BfdCameUp:
                FindPath(now);
                break;
            default:
                HandleStream(input, now);
                break;
        }
        Settle(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        AdvanceConnection(_outgoing, now);
        AdvanceConnection(_incoming, now);
        if (_attemptDue <= now)
            FailAttempt(BgpStreamFailure.TimedOut, "no answer in time", isOpen: true, now);
        if (_heldUntil <= now)
        {
            _heldUntil = null;
            Attempt(now);
        }
        if (_retryDue <= now)
            Attempt(now);
        Settle(now);
    }

    /// <inheritdoc/>
    public bool TryTake(out BgpSessionOutput output) => _outputs.TryDequeue(out output!);

    private void Start(Instant now)
    {
        if (_isWanted)
            return;
        _isWanted = true;
        _backOff.Reset(now);
        Attempt(now);
    }

    private void Stop(BgpSessionInput.StopRequested stop)
    {
        var notification = BgpNotification.Cease(
            stop.Reason == BgpStopReason.PeerDeconfigured ? BgpCeaseSubcode.PeerDeconfigured : BgpCeaseSubcode.AdministrativeShutdown,
            stop.Text);
        // Only the end of TCP without a word makes the peer keep our routes (RFC 4724 section 4).
        var isSilent = stop.Reason == BgpStopReason.Restart && Established?.Negotiated?.PeerGracefulRestart is not null;
        _isWanted = false;
        CloseAll(isSilent ? null : notification, new(BgpErrorCause.Stopped, isSilent ? "this process restarts" : "shut down"));
    }

    private void Reconfigure(BgpSessionConfig config, Instant now)
    {
        var (keeps, isSame) = (_config.KeepsSession(config), _config == config);
        _config = config;
        if (isSame || !_isWanted)
            return;
        if (!keeps)
            BeginAnew(BgpNotification.Cease(BgpCeaseSubcode.OtherConfigurationChange), "the configuration changed", now);
    }

    private void BeginAnew(BgpNotification notification, string text, Instant now)
    {
        var wasEstablished = Established is not null;
        CloseAll(notification, new(BgpErrorCause.Stopped, text, notification));
        _backOff.Reset(now);
        // The peer may hear of the new connection before it hears of the old one's end, and refuse it as a collision.
        if (wasEstablished)
            _backOff.Lost(now);
        Attempt(now);
    }

    private void LosePath(Instant now)
    {
        if (_outgoing is null && _incoming is null)
            return;
        var notification = BgpNotification.Cease(BgpCeaseSubcode.BfdDown);
        var wasStable = Established is { } connection && now - connection.EstablishedAt >= connection.StabilityTime;
        CloseAll(notification, new(BgpErrorCause.BfdDown, "BFD has lost the path to the peer", notification));
        if (wasStable)
            _backOff.Forgive();
        _backOff.Lost(now);
        HoldBack(now);
        _isHeldByBfd = true;
    }

    private void FindPath(Instant now)
    {
        if (!_isWanted || (_heldUntil is not null && !_isHeldByBfd))
            return;
        _heldUntil = null;
        // An attempt under way may be one whose first packets were lost on the path that was down.
        if (_attempt is { } attempt)
            _outputs.Enqueue(new BgpSessionOutput.CloseStream(attempt));
        (_attempt, _attemptDue) = (null, null);
        Attempt(now);
    }

    private void HoldBack(Instant now)
    {
        (_retryDue, _isHeldByBfd) = (null, false);
        CancelAttempt();
        _heldUntil = now + _backOff.HoldBack();
    }

    /// <summary>Orders a connection, unless there is one, or the peer has to make it.</summary>
    private void Attempt(Instant now)
    {
        _retryDue = null;
        if (!_isWanted || _config.IsPassive || _attempt is not null || _outgoing is not null || _incoming is not null)
            return;
        _attempt = --_lastStream;
        _attemptDue = now + _backOff.PatienceAt(now);
        _outputs.Enqueue(new BgpSessionOutput.OpenStream(_attempt.Value, _config.StreamOptions));
    }

    private void CancelAttempt()
    {
        if (_attempt is { } attempt)
            _outputs.Enqueue(new BgpSessionOutput.CloseStream(attempt));
        (_attempt, _attemptDue) = (null, null);
    }

    private void FailAttempt(BgpStreamFailure failure, string reason, bool isOpen, Instant now)
    {
        if (isOpen)
            CancelAttempt();
        (_attempt, _attemptDue) = (null, null);
        Tell(new(BgpErrorCause.ConnectFailed, BgpSessionWords.ConnectFailed(_config, failure, reason)));
        if (_incoming is null)
            _retryDue = now + _backOff.Retry(_config.ConnectRetrySeconds, now);
    }

    private void CloseAll(BgpNotification? notification, BgpSessionError error)
    {
        CancelAttempt();
        (_retryDue, _heldUntil) = (null, null);
        foreach (var connection in new[] { _outgoing, _incoming })
        {
            if (connection is null)
                continue;
            if (connection.State == BgpSessionState.Established)
                _outputs.Enqueue(new BgpSessionOutput.SessionDown(error));
            Close(connection, notification);
            _lastError = error;
        }
    }

    private void Tell(BgpSessionError error)
    {
        if (error != _lastError)
            _outputs.Enqueue(new BgpSessionOutput.TellError(error));
        _lastError = error;
    }

    private void Settle(Instant now)
    {
        var state = State;
        if (state == _told)
            return;
        _outputs.Enqueue(new BgpSessionOutput.TellState(_told, state));
        (_told, _since) = (state, now);
    }
}
