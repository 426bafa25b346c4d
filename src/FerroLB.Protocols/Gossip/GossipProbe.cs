using System;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// Looks after one member at a time, round robin: a ping; after the probe timeout, three others are asked to ping it too and it is asked on
/// a stream; at the end of the interval it is suspected. Those who were asked say so when they get no answer either, so that silence from
/// them means that the fault is here.
/// </summary>
internal sealed class GossipProbe
{
    private readonly GossipContext _context;
    private readonly GossipVerdicts _verdicts;
    private readonly GossipStreams _streams;
    private int _place;
    private Instant _nextStart;
    private Attempt? _attempt;

    public GossipProbe(GossipContext context, GossipVerdicts verdicts, GossipStreams streams, Instant now)
    {
        (_context, _verdicts, _streams) = (context, verdicts, streams);
        _nextStart = now + context.Random.Fork("probe").Between(TimeSpan.Zero, context.Tuning.ProbeInterval) + context.Tuning.ProbeInterval;
    }

    public Instant? NextDeadline => _attempt is { } attempt
        ? attempt.HasAskedOthers || attempt.Timeout > attempt.End ? attempt.End : attempt.Timeout
        : _context.IsLeaving ? null : _nextStart;

    public void Advance(Instant now)
    {
        if (_attempt is { } attempt)
        {
            if (now >= attempt.End)
                Fail(attempt, now);
            else if (now >= attempt.Timeout && !attempt.HasAskedOthers)
                AskOthers(attempt, now);
        }
        if (_attempt is not null || _context.IsLeaving || now < _nextStart)
            return;
        // One interval that was missed is made up for at once; more are forgotten.
        _nextStart += _context.Tuning.ProbeInterval;
        if (_nextStart < now)
            _nextStart = now;
        if (NextMember(now) is { } member)
            Start(member, now);
        else if (_nextStart <= now)
            _nextStart = now + _context.Tuning.ProbeInterval;
    }

    /// <summary>An answer came.</summary>
    public void Acknowledge(uint sequence)
    {
        if (_attempt is { } attempt && attempt.Sequence == sequence)
            End(healthDelta: -1);
    }

    /// <summary>One of those who were asked got no answer.</summary>
    public void CountNack(uint sequence)
    {
        if (_attempt is { } attempt && attempt.Sequence == sequence)
            attempt.Nacks++;
    }

    /// <summary>Forgets the probe under way: the time was not the member's to use.</summary>
    public void Abandon(Instant now)
    {
        if (_attempt is null)
            return;
        End(healthDelta: 1);
        _nextStart = now + _context.Tuning.ProbeInterval;
    }

    // Walks on to the next member that is there; when all were probed, a new round begins.
    private GossipMemberEntry? NextMember(Instant now)
    {
        for (var looked = 0; looked <= _context.Members.Count; looked++)
        {
            if (_place >= _context.Members.Count)
            {
                _context.Members.StartRound(entry => IsForgotten(entry, now));
                _place = 0;
            }
            var entry = _context.Members.Order[_place++];
            if (entry != _context.Self && !entry.IsGone)
                return entry;
        }
        return null;
    }

    private bool IsForgotten(GossipMemberEntry entry, Instant now) =>
        entry.IsGone && entry != _context.Self && now - entry.StateSince > _context.Tuning.GossipToTheDeadTime;

    private void Start(GossipMemberEntry member, Instant now)
    {
        var ping = new GossipMessage.Ping(_context.NextSequence(), member.Name, _context.Config.Address, _context.Config.Name);
        _attempt = new(member, ping, now + _context.Tuning.ProbeTimeout, now + _context.Health.Scale(_context.Tuning.ProbeInterval));
        if (member.State == GossipMemberState.Alive)
            _context.Send(member.Address, member.Name, ping);
        else
        {
            // It is suspected: tell it, so that it can refute at once.
            var suspect = new GossipMessage.Suspect(member.Incarnation, member.Name, _context.Config.Name);
            _context.SendRaw(member.Address, member.Name, [GossipCodec.Encode(ping), GossipCodec.Encode(suspect)]);
        }
    }

    private void AskOthers(Attempt attempt, Instant now)
    {
        var (member, config) = (attempt.Member, _context.Config);
        attempt.HasAskedOthers = true;
        var others = _context.Members.Draw(
            _context.Tuning.IndirectChecks,
            entry => entry != _context.Self && entry != member && entry.State == GossipMemberState.Alive);
        foreach (var other in others)
        {
            var answers = other.Statement.Versions.ProtocolMax >= 4;
            attempt.ExpectedNacks += answers ? 1 : 0;
            _context.Send(other.Address, other.Name, new GossipMessage.IndirectPing(
                attempt.Sequence, member.Address, member.Name, answers, config.Address, config.Name));
        }
        if (!_context.Tuning.DisableTcpPings && member.Statement.Versions.ProtocolMax >= 3)
            attempt.Stream = _streams.OpenPing(member.Address, attempt.Ping, attempt.End, now);
    }

    private void Fail(Attempt attempt, Instant now)
    {
        var member = attempt.Member;
        if (attempt.Stream is { } stream && _streams.TakePingAnswer(stream))
        {
            _context.Report(
                GossipReport.OnlyStreamAnswers,
                $"{member.Name} at {member.Address} answers over TCP, but not over UDP: does something between drop UDP?");
            End(healthDelta: -1);
            return;
        }
        _context.Counts = _context.Counts with { ProbesFailed = _context.Counts.ProbesFailed + 1 };
        // Others that promised to answer and did not are a sign that it is we who do not hear.
        End(attempt.ExpectedNacks > 0 ? Math.Max(0, attempt.ExpectedNacks - attempt.Nacks) : 1);
        _verdicts.Suspect(new(attempt.Incarnation, member.Name, _context.Config.Name), now);
    }

    private void End(int healthDelta)
    {
        if (_attempt is { Stream: { } stream })
            _streams.Abandon(stream);
        _context.Health.Add(healthDelta);
        _attempt = null;
    }

    private sealed class Attempt(GossipMemberEntry member, GossipMessage.Ping ping, Instant timeout, Instant end)
    {
        public GossipMemberEntry Member { get; } = member;

        public GossipMessage.Ping Ping { get; } = ping;

        public uint Sequence => Ping.SequenceNumber;

        public uint Incarnation { get; } = member.Incarnation;

        public Instant Timeout { get; } = timeout;

        public Instant End { get; } = end;

        public bool HasAskedOthers { get; set; }

        public int ExpectedNacks { get; set; }

        public int Nacks { get; set; }

        public long? Stream { get; set; }
    }
}
