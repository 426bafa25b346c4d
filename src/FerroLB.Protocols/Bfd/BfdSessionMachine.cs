using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bfd;

/// <summary>
/// One end of a BFD session in asynchronous mode (RFC 5880, 6).
/// <para>
/// Control packets leave periodically, at the slower of what we want and what the peer can take, shortened by a random part of it; one
/// more leaves at once whenever what it says is new. A packet of the peer's moves the state (6.2), and its absence for the detection
/// time takes the session down. New intervals are stated at once and used when that cannot starve the peer's detection: quicker ones at
/// once, slower ones when the peer has answered a Poll (6.8.3). Until it is up, a session sends once a second. We never ask for demand
/// mode; a peer that asks gets no periodic packets while both are up.
/// </para>
/// <para>
/// Echo packets leave while the session is up and the peer takes them. They are watched from the first that comes back on: a peer that
/// promises to return them and does not is no reason to doubt the path.
/// </para>
/// </summary>
internal sealed class BfdSessionMachine
{
    private static readonly TimeSpan SlowInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(5);

    private readonly BfdOutbox _outbox;
    private readonly SeededRandom _random;
    private readonly BfdEchoMachine _echo;
    private BfdSessionConfig _config;
    private BfdPacket _heard;
    private TimeSpan _desiredTx = SlowInterval;
    private TimeSpan _usedTx = SlowInterval;
    private TimeSpan _usedRx;
    private TimeSpan _polledTx;
    private TimeSpan _polledRx;
    private TimeSpan _remoteMinRx = TimeSpan.FromMicroseconds(1);
    private TimeSpan _interval;
    private Instant? _sent;
    private Instant? _sendDue;
    private Instant _received;
    private Instant? _detectionDue;
    private Instant? _closeDue;
    private bool _isPolling;
    private bool _pollsAgain;

    public BfdSessionMachine(
        int number, BfdSessionKey key, uint discriminator, BfdSessionConfig config, BfdOutbox outbox, SeededRandom random, Instant now)
    {
        Number = number;
        Key = key;
        LocalDiscriminator = discriminator;
        _config = config;
        _outbox = outbox;
        _random = random;
        _echo = new(number, new(discriminator, random.NextUInt64()), outbox, random);
        _usedRx = config.ReceiveInterval;
        SetPace(now);
    }

    public int Number { get; }

    public BfdSessionKey Key { get; }

    public uint LocalDiscriminator { get; }

    public int MinimumTtl => Key.IsMultiHop ? _config.MinimumTtl : BfdPort.TimeToLive;

    public BfdState State { get; private set; } = BfdState.Down;

    public BfdDiagnostic Diagnostic { get; private set; }

    public BfdCounters Counters { get; private set; }

    /// <summary>Whether the session was held down and the peer knows, or had time enough to notice.</summary>
    public bool IsOver { get; private set; }

    public bool IsWanted => State != BfdState.AdminDown;

    public Instant? NextDeadline =>
        Instant.Earlier(Instant.Earlier(_sendDue, _detectionDue), Instant.Earlier(_closeDue, _echo.NextDeadline));

    public BfdSessionSnapshot Snapshot => new(
        Key, State, Diagnostic, _heard.State, _heard.Diagnostic, LocalDiscriminator, RemoteDiscriminator, _interval, DetectionTime,
        _echo.IsWatched, Counters with { EchoIn = _echo.Returned, EchoOut = _echo.Sent });

    private uint RemoteDiscriminator { get; set; }

    private TimeSpan DetectionTime =>
        _heard.DetectMultiplier * Longer(_usedRx, TimeSpan.FromMicroseconds(_heard.DesiredMinTxMicroseconds));

    // Nothing is said to a silent peer in the passive role (6.1), nor periodically to one that does not want it (6.8.7).
    private bool MaySpeak => RemoteDiscriminator != 0 || !_config.PassiveMode;

    private bool SendsPeriodically =>
        MaySpeak && _remoteMinRx > TimeSpan.Zero
        && (!_heard.IsDemand || _isPolling || State != BfdState.Up || _heard.State != BfdState.Up);

    /// <summary>Holds the session differently, or again after it was held down.</summary>
    public void Configure(BfdSessionConfig config, Instant now)
    {
        if (config == _config && IsWanted)
            return;
        _config = config;
        _closeDue = null;
        IsOver = false;
        if (!IsWanted)
            Change(BfdState.Down, BfdDiagnostic.None);
        UseParameters();
        RestartDetection();
        _echo.Use(config, Key, State, _heard, now);
        SetPace(now);
        if (MaySpeak)
            Send(isFinal: false, now);
    }

    /// <summary>Takes the session down on purpose and tells the peer (6.8.16).</summary>
    public void HoldDown(Instant now)
    {
        if (!IsWanted)
            return;
        Change(BfdState.AdminDown, BfdDiagnostic.AdministrativelyDown);
        UseParameters();
        _detectionDue = null;
        _echo.Use(_config, Key, State, _heard, now);
        SetPace(now);
        if (MaySpeak)
            Send(isFinal: false, now);
        if (RemoteDiscriminator == 0)
        {
            (IsOver, _sendDue) = (true, null);
            return;
        }
        // As long as the peer would need to notice by itself, within reason.
        var patience = _config.DetectMultiplier * Longer(_remoteMinRx, _desiredTx);
        _closeDue = now + (patience < LongestFarewell ? patience : LongestFarewell);
    }

    /// <summary>Takes a packet that was found to be this session's (6.8.6).</summary>
    public BfdDropReason Receive(in BfdPacket packet, Instant now)
    {
        if (!IsWanted)
        {
            // Whatever the peer says now, if it is not up it has heard us, and a farewell need not be repeated.
            IsOver |= packet.State is BfdState.Down or BfdState.AdminDown;
            return BfdDropReason.AdministrativelyDown;
        }
        Counters = Counters with { ControlIn = Counters.ControlIn + 1 };
        RemoteDiscriminator = packet.MyDiscriminator;
        _heard = packet;
        _received = now;
        _remoteMinRx = TimeSpan.FromMicroseconds(packet.RequiredMinRxMicroseconds);
        if (packet.IsFinal && _isPolling)
            EndPoll();
        var said = (State, Diagnostic, _desiredTx, _isPolling);
        MoveBy(packet);
        RestartDetection();
        _echo.Use(_config, Key, State, packet, now);
        SetPace(now);
        if (packet.IsPoll)
            Send(isFinal: true, now);
        if (said != (State, Diagnostic, _desiredTx, _isPolling) && MaySpeak)
            Send(isFinal: false, now);
        return BfdDropReason.None;
    }

    /// <summary>Takes an echo packet of this session that came back.</summary>
    public bool ReceiveEcho(in BfdEcho echo, Instant now) => _echo.Receive(echo, now);

    public void Advance(Instant now)
    {
        if (_closeDue <= now)
            (IsOver, _closeDue, _sendDue) = (true, null, null);
        if (_detectionDue <= now)
            Lose(BfdDiagnostic.ControlDetectionTimeExpired, now);
        if (_echo.Advance(now))
            Lose(BfdDiagnostic.EchoFunctionFailed, now);
        if (_sendDue <= now)
            Send(isFinal: false, now);
    }

    // The table of 6.2; going down because the peer said so is 6.8.6.
    private void MoveBy(in BfdPacket packet)
    {
        switch (State, packet.State)
        {
            case (BfdState.Init or BfdState.Up, BfdState.AdminDown):
            case (BfdState.Up, BfdState.Down):
                GoDown(BfdDiagnostic.NeighborSignaledSessionDown);
                break;
            case (BfdState.Down, BfdState.Down):
                Change(BfdState.Init, Diagnostic);
                break;
            case (BfdState.Down, BfdState.Init):
            case (BfdState.Init, BfdState.Init or BfdState.Up):
                Change(BfdState.Up, BfdDiagnostic.None);
                UseParameters();
                break;
        }
    }

    private void Lose(BfdDiagnostic reason, Instant now)
    {
        var isSilent = reason == BfdDiagnostic.ControlDetectionTimeExpired;
        _detectionDue = null;
        if (isSilent)
        {
            // What an absent peer wanted binds nobody (6.8.1).
            RemoteDiscriminator = 0;
            _remoteMinRx = TimeSpan.FromMicroseconds(1);
        }
        var wasAlive = State is BfdState.Init or BfdState.Up;
        if (wasAlive)
            GoDown(reason);
        if (!isSilent)
            RestartDetection();
        _echo.Use(_config, Key, State, _heard, now);
        SetPace(now);
        if (wasAlive && MaySpeak)
            Send(isFinal: false, now);
    }

    private void GoDown(BfdDiagnostic reason)
    {
        Change(BfdState.Down, reason);
        UseParameters();
    }

    private void Change(BfdState state, BfdDiagnostic diagnostic)
    {
        var from = State;
        (State, Diagnostic) = (state, diagnostic);
        Counters = Counters with
        {
            UpEvents = Counters.UpEvents + (state == BfdState.Up ? 1 : 0),
            DownEvents = Counters.DownEvents + (from == BfdState.Up ? 1 : 0),
        };
        _outbox.Add(BfdOutput.TellState(Number, new(Key, from, state, diagnostic, _heard.State, _heard.Diagnostic)));
    }

    /// <summary>Brings the stated intervals in line with state and profile, and begins a Poll when the peer must know (6.8.3).</summary>
    private void UseParameters()
    {
        _desiredTx = State == BfdState.Up ? _config.TransmitInterval : Longer(_config.TransmitInterval, SlowInterval);
        if (State != BfdState.Up)
        {
            (_usedTx, _usedRx) = (_desiredTx, _config.ReceiveInterval);
            (_isPolling, _pollsAgain) = (false, false);
            return;
        }
        if (_isPolling)
        {
            _pollsAgain |= (_polledTx, _polledRx) != (_desiredTx, _config.ReceiveInterval);
        }
        else if (!_pollsAgain && (_desiredTx != _usedTx || _config.ReceiveInterval != _usedRx))
        {
            BeginPoll();
        }
        if (_desiredTx < _usedTx)
            _usedTx = _desiredTx;
        _usedRx = Longer(_usedRx, _config.ReceiveInterval);
    }

    private void BeginPoll()
    {
        (_isPolling, _pollsAgain) = (true, false);
        (_polledTx, _polledRx) = (_desiredTx, _config.ReceiveInterval);
    }

    private void EndPoll()
    {
        _isPolling = false;
        // A change during the Poll may have been slower than what was asked: then the next Poll decides about it.
        (_usedTx, _usedRx) = (_desiredTx < _polledTx ? _desiredTx : _polledTx, Longer(_polledRx, _config.ReceiveInterval));
    }

    private void RestartDetection() =>
        _detectionDue = RemoteDiscriminator != 0 && IsWanted ? _received + DetectionTime : null;

    /// <summary>Plans the next packet when the pace has changed.</summary>
    private void SetPace(Instant now)
    {
        var interval = Longer(_usedTx, _remoteMinRx);
        if (!SendsPeriodically)
            _sendDue = null;
        else if (_sendDue is null || interval != _interval)
            _sendDue = _sent is { } sent && sent + Shortened(interval) is var due && due > now ? due : now;
        _interval = interval;
    }

    private void Send(bool isFinal, Instant now)
    {
        var startsPoll = !isFinal && _pollsAgain && !_isPolling;
        var bytes = _outbox.Append(Number, Key.Channel, BfdPort.TimeToLive, BfdPacket.SizeBytes);
        if (!bytes.IsEmpty)
        {
            var writer = new ByteWriter(bytes);
            Statement(isFinal).Write(ref writer);
            Counters = Counters with { ControlOut = Counters.ControlOut + 1 };
        }
        if (isFinal)
            return;
        // A packet without the Poll bit lies between two Polls (6.5).
        if (startsPoll)
            BeginPoll();
        _sent = now;
        _sendDue = SendsPeriodically ? now + Shortened(_interval) : null;
    }

    private BfdPacket Statement(bool isFinal) => new(
        State, Diagnostic, (byte)_config.DetectMultiplier, LocalDiscriminator, RemoteDiscriminator, Microseconds(_desiredTx),
        Microseconds(_config.ReceiveInterval),
        Microseconds(Key.IsMultiHop ? BfdSessionConfig.StandardEchoInterval : _config.EchoInterval))
    {
        IsPoll = _isPolling && !isFinal,
        IsFinal = isFinal,
    };

    // 75 to 100 %, and 75 to 90 % where a single late packet would already be one too many (6.8.7).
    private TimeSpan Shortened(TimeSpan interval) =>
        _random.Between(0.75 * interval, (_config.DetectMultiplier == 1 ? 0.9 : 1.0) * interval);

    private static uint Microseconds(TimeSpan span) => (uint)span.TotalMicroseconds;

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
