using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bfd;

/// <summary>
/// Watches the paths to peers with BFD: RFC 5880 in asynchronous mode, one hop (RFC 5881) or several (RFC 5883), without
/// authentication.
/// <para>
/// A session is wanted with its addresses and its profile; it gets a number, a discriminator and a source port of its own, and the order
/// to open a socket. A control packet that arrives is checked, brought to its session by the discriminator that we gave the peer (or by
/// addresses and interface while the peer does not know it) and moves the session; every packet that is discarded is counted by the
/// reason. Changes of state are told in their order, and what BGP makes of them is not decided here.
/// </para>
/// <para>
/// A peer's echo packets go back to it as they came, with one hop less; ours that come back are recognised by that.
/// </para>
/// <para>
/// A session that is no longer wanted says so to its peer (AdminDown) and is forgotten when the peer has heard it or had time to notice.
/// Receiving, sending and keeping time allocate nothing. At most <see cref="MostSessions"/> sessions exist; further ones are refused by
/// telling that they are held down.
/// </para>
/// </summary>
/// <param name="random">Draws discriminators, ports, echo keys and jitter.</param>
public sealed class BfdEngineMachine(SeededRandom random) : IMachine<BfdInput, BfdOutput>
{
    /// <summary>The most sessions, those that are saying farewell included.</summary>
    public const int MostSessions = 4_096;

    private const int SourcePorts = BfdPort.LastSource - BfdPort.FirstSource + 1;
    private static readonly TimeSpan SocketRetry = TimeSpan.FromSeconds(1);

    private readonly BfdOutbox _outbox = new();
    private readonly long[] _drops = new long[(int)BfdDropReason.Echo + 1];
    // In the order in which they were wanted, which is the order of everything that is due at once.
    private readonly List<BfdSessionMachine> _sessions = [];
    private readonly Dictionary<uint, BfdSessionMachine> _byDiscriminator = [];
    private readonly SortedDictionary<int, Instant> _socketRetries = [];
    private int _lastNumber;
    private int _nextPort = random.Next(SourcePorts);

    /// <inheritdoc/>
    public Instant? NextDeadline { get; private set; }

    /// <summary>Why the last datagram was discarded.</summary>
    public BfdDropReason LastVerdict { get; private set; }

    /// <summary>The datagrams that were discarded so far.</summary>
    public BfdDropCounts Drops => new(
        _drops[(int)BfdDropReason.Version],
        _drops[(int)BfdDropReason.Length],
        _drops[(int)BfdDropReason.DetectMultiplier],
        _drops[(int)BfdDropReason.Multipoint],
        _drops[(int)BfdDropReason.MyDiscriminator],
        _drops[(int)BfdDropReason.YourDiscriminatorMissing],
        _drops[(int)BfdDropReason.UnknownSession],
        _drops[(int)BfdDropReason.TimeToLive],
        _drops[(int)BfdDropReason.Authentication],
        _drops[(int)BfdDropReason.AdministrativelyDown],
        _drops[(int)BfdDropReason.Echo],
        _outbox.Dropped);

    /// <summary>All sessions as they are now, in the order in which they were wanted.</summary>
    public IReadOnlyList<BfdSessionSnapshot> Sessions => [.. _sessions.Select(session => session.Snapshot)];

    /// <inheritdoc/>
    public void Handle(in BfdInput input, Instant now)
    {
        switch (input.Kind)
        {
            case BfdInputKind.DatagramReceived:
                LastVerdict = input.Channel == BfdChannel.Echo ? ReceiveEcho(input, now) : ReceiveControl(input, now);
                _drops[(int)LastVerdict]++;
                break;
            case BfdInputKind.SessionWanted when input.Config is { } config:
                Want(input.Key, config, now);
                break;
            case BfdInputKind.SessionUnwanted:
                Find(input.Key)?.HoldDown(now);
                break;
            case BfdInputKind.SocketFailed when Find(input.Session) is { IsOver: false }:
                _socketRetries[input.Session] = now + SocketRetry;
                break;
            case BfdInputKind.ShutdownRequested:
                foreach (var session in _sessions)
                    session.HoldDown(now);
                break;
        }
        Settle();
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        if (!(NextDeadline <= now))
            return;
        foreach (var session in _sessions)
        {
            if (session.NextDeadline <= now)
                session.Advance(now);
        }
        while (_socketRetries.Count > 0 && _socketRetries.MinBy(retry => retry.Value) is var retry && retry.Value <= now)
        {
            _socketRetries.Remove(retry.Key);
            if (Find(retry.Key) is { } session)
                OpenSocket(session);
        }
        Settle();
    }

    /// <inheritdoc/>
    public bool TryTake(out BfdOutput output) => _outbox.TryTake(out output);

    private void Want(BfdSessionKey key, BfdSessionConfig config, Instant now)
    {
        if (Find(key) is { } known)
        {
            known.Configure(config, now);
            return;
        }
        if (_sessions.Count == MostSessions)
        {
            var refused = new BfdStateChange(
                key, BfdState.Down, BfdState.AdminDown, BfdDiagnostic.AdministrativelyDown, BfdState.Down, BfdDiagnostic.None);
            _outbox.Add(BfdOutput.TellState(0, refused));
            return;
        }
        uint discriminator;
        do
        {
            discriminator = (uint)(random.NextUInt64() >> 32);
        }
        while (discriminator == 0 || _byDiscriminator.ContainsKey(discriminator));
        var session = new BfdSessionMachine(++_lastNumber, key, discriminator, config, _outbox, new(random.NextUInt64()), now);
        _sessions.Add(session);
        _byDiscriminator.Add(discriminator, session);
        OpenSocket(session);
        session.Advance(now);
    }

    private void OpenSocket(BfdSessionMachine session)
    {
        var port = BfdPort.FirstSource + _nextPort;
        _nextPort = (_nextPort + 1) % SourcePorts;
        _outbox.Add(BfdOutput.OpenSocket(session.Number, new(session.Key, port)));
    }

    private BfdDropReason ReceiveControl(in BfdInput datagram, Instant now)
    {
        if (BfdPacket.Read(datagram.Payload.Span, out var packet) is not BfdDropReason.None and var reason)
            return reason;
        var session = packet.YourDiscriminator == 0
            ? FindByPath(datagram)
            : _byDiscriminator.GetValueOrDefault(packet.YourDiscriminator);
        if (session is null || !session.Key.Matches(datagram.Channel, datagram))
            return BfdDropReason.UnknownSession;
        if (datagram.TimeToLive < session.MinimumTtl)
            return BfdDropReason.TimeToLive;
        return packet.IsAuthenticated ? BfdDropReason.Authentication : session.Receive(packet, now);
    }

    private BfdDropReason ReceiveEcho(in BfdInput datagram, Instant now)
    {
        var payload = datagram.Payload.Span;
        if (datagram.TimeToLive < BfdPort.TimeToLive)
        {
            return BfdEcho.TryRead(payload, out var echo) && _byDiscriminator.GetValueOrDefault(echo.Discriminator) is { } owner
                && owner.ReceiveEcho(echo, now) ? BfdDropReason.None : BfdDropReason.Echo;
        }
        var session = FindByPath(datagram);
        if (session is not { IsWanted: true } || payload.Length is 0 or > BfdOutbox.MostDatagramBytes)
            return BfdDropReason.Echo;
        var buffer = _outbox.Append(session.Number, BfdChannel.Echo, BfdPort.TimeToLive - 1, payload.Length);
        if (!buffer.IsEmpty)
            payload.CopyTo(buffer);
        return BfdDropReason.None;
    }

    private BfdSessionMachine? FindByPath(in BfdInput datagram)
    {
        foreach (var session in _sessions)
        {
            if (session.Key.Matches(datagram.Channel == BfdChannel.Echo ? BfdChannel.SingleHop : datagram.Channel, datagram))
                return session;
        }
        return null;
    }

    private BfdSessionMachine? Find(BfdSessionKey key) => _sessions.Find(session => session.Key == key);

    private BfdSessionMachine? Find(int number) => _sessions.Find(session => session.Number == number);

    /// <summary>Forgets the sessions that are over, and finds what is due next.</summary>
    private void Settle()
    {
        var over = 0;
        NextDeadline = null;
        foreach (var session in _sessions)
        {
            if (session.IsOver)
                over++;
            else
                NextDeadline = Instant.Earlier(NextDeadline, session.NextDeadline);
        }
        if (_socketRetries.Count > 0)
            NextDeadline = Instant.Earlier(NextDeadline, _socketRetries.Values.Min());
        if (over == 0)
            return;
        foreach (var session in _sessions.Where(session => session.IsOver))
        {
            _byDiscriminator.Remove(session.LocalDiscriminator);
            _socketRetries.Remove(session.Number);
            _outbox.Add(BfdOutput.CloseSocket(session.Number));
        }
        _sessions.RemoveAll(session => session.IsOver);
    }
}
