using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// Knows which other members are there: HashiCorp's memberlist protocol (SWIM with the Lifeguard extensions), on the wire indistinguishable
/// from the original.
/// <para>
/// A member joins by exchanging its whole picture with one that it was told of, over a stream. From then on every member probes one other
/// per interval; who does not answer, neither directly nor to three others nor on a stream, is suspected, and fails when the suspicion runs
/// out unrefuted. All of it is news (alive, suspect, dead) that travels in the spare room of probes and answers and, every gossip interval,
/// to a few random members, each piece a few times. Now and then the whole picture is exchanged with a random member, which repairs
/// whatever news got lost. A member that hears wrong news of itself refutes it with a higher incarnation.
/// </para>
/// <para>
/// A datagram that arrived is without label and seal here (those are the shell's, see <see cref="Sealing.GossipEnvelope"/>); it is
/// unpacked into messages, and each is judged (<see cref="GossipVerdicts"/>), answered, relayed or given to the probe that waits for it.
/// </para>
/// </summary>
public sealed class GossipMachine : IMachine<GossipInput, GossipOutput>
{
    private const int MostFarewells = 64;
    private const int PushPullThreshold = 32;

    private readonly GossipContext _context;
    private readonly GossipVerdicts _verdicts;
    private readonly GossipStreams _streams;
    private readonly GossipJoins _joins;
    private readonly GossipProbe _probe;
    private readonly GossipRelays _relays;
    private readonly SeededRandom _phases;
    private readonly List<GossipMessage> _unpacked = [];
    private Instant _lastGossip;
    private Instant _nextPushPull;
    private Instant? _leaveDeadline;
    private bool _hasLeft;
    private GossipSnapshot? _snapshot;

    /// <summary>Starts a member that knows nobody else.</summary>
    /// <param name="config">What it is told about itself.</param>
    /// <param name="random">Draws whom to probe and to tell.</param>
    /// <param name="now">The time.</param>
    public GossipMachine(GossipConfig config, SeededRandom random, Instant now)
    {
        if (config.Name.Length == 0 || config.Meta.Length > GossipMessage.MostMetaBytes)
            throw new ArgumentException("a member needs a name, and its data may have 512 octets", nameof(config));
        _context = new(config, random, now);
        _verdicts = new(_context);
        _streams = new(_context, _verdicts);
        _joins = new(_context, _streams);
        _streams.JoinEnded = _joins.Ended;
        _probe = new(_context, _verdicts, _streams, now);
        _relays = new(_context);
        _phases = random.Fork("phases");
        _lastGossip = now;
        _nextPushPull = now + _phases.Between(TimeSpan.Zero, config.Tuning.PushPullInterval) + config.Tuning.PushPullInterval;
        _context.Broadcast(config.Name, _context.Self.Statement);
    }

    /// <inheritdoc/>
    public Instant? NextDeadline
    {
        get
        {
            if (_hasLeft)
                return null;
            var next = Instant.Earlier(_verdicts.NextDeadline, Instant.Earlier(_probe.NextDeadline, _relays.NextDeadline));
            next = Instant.Earlier(next, Instant.Earlier(_streams.NextDeadline, _leaveDeadline));
            if (_context.Tuning.PushPullInterval > TimeSpan.Zero && !_context.IsLeaving)
                next = Instant.Earlier(next, _nextPushPull);
            return Instant.Earlier(next, NextGossip);
        }
    }

    /// <summary>The whole picture, made when it is asked for.</summary>
    public GossipSnapshot Snapshot => _snapshot ??= new(
        [.. _context.Members.Order.Select(entry => entry.ToMember()).OrderBy(member => member.Name, StringComparer.Ordinal)],
        _context.Health.Score,
        _context.Broadcasts.Count,
        _context.Counts);

    /// <inheritdoc/>
    public void Handle(in GossipInput input, Instant now)
    {
        if (_hasLeft)
            return;
        NoticeStandstill(now);
        _snapshot = null;
        switch (input)
        {
            case GossipInput.DatagramReceived datagram:
                Receive(datagram.From, datagram.Plain.Span, now);
                break;
            case GossipInput.StreamAccepted stream:
                _streams.Accept(stream.Stream, stream.From, now);
                break;
            case GossipInput.StreamOpened stream:
                _streams.Opened(stream.Stream, now);
                break;
            case GossipInput.StreamBytes stream:
                _streams.Receive(stream.Stream, stream.Plain.Span, now);
                break;
            case GossipInput.StreamClosed stream:
                _streams.Ended(stream.Stream, "it was closed too early", now);
                break;
            case GossipInput.StreamFailed stream:
                _streams.Ended(stream.Stream, stream.Reason, now);
                break;
            case GossipInput.JoinRequested join:
                _joins.Start(join.Addresses, now);
                break;
            case GossipInput.SuspectRequested suspect:
                _verdicts.Accuse(suspect.Name, suspect.Accusation, now);
                break;
            case GossipInput.MetadataChanged change when change.Meta.Length <= GossipMessage.MostMetaBytes && !_context.IsLeaving:
                _verdicts.ChangeSelf(change.Meta.Span);
                break;
            case GossipInput.MetadataChanged { Meta.Length: > GossipMessage.MostMetaBytes } change:
                _context.Report(
                    GossipReport.LimitReached,
                    $"this member's data have {change.Meta.Length} octets, at most 512 are allowed: the old ones stay");
                break;
            case GossipInput.LeaveRequested:
                Leave(now);
                break;
        }
        Step(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        if (_hasLeft)
            return;
        NoticeStandstill(now);
        _snapshot = null;
        Step(now);
    }

    /// <inheritdoc/>
    public bool TryTake(out GossipOutput output)
    {
        var isTaken = _context.TryTake(out var taken);
        output = taken!;
        return isTaken;
    }

    private Instant? NextGossip =>
        _context.Tuning is { GossipNodes: > 0, GossipInterval: var interval } && interval > TimeSpan.Zero &&
        _context.Broadcasts.Count > 0 && _context.Members.Count > 1
            ? _lastGossip + interval
            : null;

    private void Step(Instant now)
    {
        if (_hasLeft)
            return;
        _probe.Advance(now);
        _verdicts.Advance(now);
        _relays.Advance(now);
        _streams.Advance(now);
        if (_context.Tuning.PushPullInterval > TimeSpan.Zero && !_context.IsLeaving && now >= _nextPushPull)
            PushPull(now);
        if (NextGossip is { } due && now >= due)
            Gossip(now);
        if (_leaveDeadline is { } deadline && (now >= deadline || !_context.Broadcasts.Contains(_context.Self.Name)))
            EndLeave();
    }

    private void Receive(GossipAddress from, ReadOnlySpan<byte> packet, Instant now)
    {
        _unpacked.Clear();
        var refused = GossipPacket.Unpack(packet, _unpacked);
        var counts = _context.Counts;
        _context.Counts = counts with { DatagramsReceived = counts.DatagramsReceived + 1, PartsRefused = counts.PartsRefused + refused };
        foreach (var message in _unpacked)
            Receive(from, message, now);
    }

    private void Receive(GossipAddress from, GossipMessage message, Instant now)
    {
        switch (message)
        {
            case GossipMessage.Ping ping when ping.Node.Length == 0 || ping.Node == _context.Config.Name:
                _context.Send(ping.Source ?? from, ping.SourceNode, new GossipMessage.Ack(ping.SequenceNumber, []));
                break;
            case GossipMessage.IndirectPing ping:
                _relays.Start(ping, from, now);
                break;
            case GossipMessage.Ack ack:
                _probe.Acknowledge(ack.SequenceNumber);
                _relays.Acknowledge(ack.SequenceNumber);
                break;
            case GossipMessage.Nack nack:
                _probe.CountNack(nack.SequenceNumber);
                break;
            case GossipMessage.Suspect suspect:
                _verdicts.Suspect(suspect, now);
                break;
            case GossipMessage.Alive alive:
                _verdicts.Alive(alive, now);
                break;
            case GossipMessage.Dead dead:
                _verdicts.Dead(dead, now);
                break;
        }
    }

    private void Gossip(Instant now)
    {
        _lastGossip = now;
        var listeners = _context.Members.Draw(_context.Tuning.GossipNodes, entry => Listens(entry, now));
        foreach (var listener in listeners)
        {
            if (!_context.SendBroadcasts(listener))
                break;
        }
    }

    // The failed are told for a while as well: it is how one that is not dead learns that it should refute.
    private bool Listens(GossipMemberEntry entry, Instant now) => entry != _context.Self && entry.State switch
    {
        GossipMemberState.Alive or GossipMemberState.Suspect => true,
        GossipMemberState.Dead => now - entry.StateSince <= _context.Tuning.GossipToTheDeadTime,
        _ => false,
    };

    private void PushPull(Instant now)
    {
        // Above 32 members the interval grows, so that the traffic of all does not.
        var members = _context.Members.Count;
        var scale = members <= PushPullThreshold ? 1 : Math.Ceiling(Math.Log2(members) - Math.Log2(PushPullThreshold)) + 1;
        _nextPushPull = now + _context.Tuning.PushPullInterval * scale;
        var partners = _context.Members.Draw(1, entry => entry != _context.Self && entry.State == GossipMemberState.Alive);
        if (partners.Count > 0)
            _streams.OpenPushPull(partners[0].Address, isJoin: false, now);
    }

    private void Leave(Instant now)
    {
        if (_context.IsLeaving)
            return;
        _context.IsLeaving = true;
        var farewell = new GossipMessage.Dead(_context.Self.Incarnation, _context.Self.Name, _context.Self.Name);
        _verdicts.Dead(farewell, now);
        _leaveDeadline = now + _context.Config.LeaveTimeout;
        // Who hears it at once need not wait for the gossip interval.
        var others = _context.Members.Draw(MostFarewells, entry => entry != _context.Self && !entry.IsGone);
        foreach (var other in others)
            _context.SendRaw(other.Address, other.Name, [GossipCodec.Encode(farewell)]);
        if (others.Count == 0)
            EndLeave();
    }

    private void EndLeave()
    {
        _leaveDeadline = null;
        _hasLeft = true;
        _snapshot = null;
        _context.Emit(new GossipOutput.LeaveEnded());
    }

    // A machine that is called long after its deadline was not heard and did not hear: nobody else is to blame for that.
    private void NoticeStandstill(Instant now)
    {
        if (NextDeadline is not { } due || now - due < _context.Tuning.ProbeTimeout)
            return;
        var late = now - due;
        _verdicts.Postpone(late);
        _probe.Abandon(now);
        _context.Report(GossipReport.StoodStill, $"this process stood still for {late.TotalSeconds:F1} s");
    }
}
