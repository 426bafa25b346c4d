using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// What is believed of whom. Every word about a member comes here, from a datagram, from another's picture or from our own probe: it is
/// believed if its incarnation is not behind what is known, passed on if it was news, and refuted if it is wrong about ourselves.
/// </summary>
internal sealed class GossipVerdicts(GossipContext context)
{
    private const int MostConflicts = 1000;

    private static readonly TimeSpan ConflictInterval = TimeSpan.FromSeconds(10);

    private readonly SortedSet<(Instant Deadline, string Name)> _suspicions = new(DeadlineOrder.Instance);
    private readonly SortedDictionary<string, Instant> _conflicts = new(StringComparer.Ordinal);
    private bool _hasReportedLimit;

    /// <summary>When the next suspicion runs out.</summary>
    public Instant? NextDeadline => _suspicions.Count == 0 ? null : _suspicions.Min.Deadline;

    /// <summary>Declares those failed whose time is up.</summary>
    public void Advance(Instant now)
    {
        while (_suspicions.Count > 0 && _suspicions.Min is var next && next.Deadline <= now)
        {
            _suspicions.Remove(next);
            if (context.Members.TryGet(next.Name, out var entry) && entry.Suspicion?.Deadline == next.Deadline)
                Dead(new(entry.Incarnation, entry.Name, context.Config.Name), now);
        }
    }

    /// <summary>Gives every suspected member a time back in which it could not be heard.</summary>
    public void Postpone(TimeSpan by)
    {
        foreach (var (_, name) in _suspicions.ToImmutableArray())
        {
            if (context.Members.TryGet(name, out var entry) && entry.Suspicion is { } suspicion)
            {
                _suspicions.Remove((suspicion.Deadline, name));
                suspicion.Postpone(by);
                _suspicions.Add((suspicion.Deadline, name));
            }
        }
    }

    /// <summary>Somebody says that a member is there.</summary>
    public void Alive(GossipMessage.Alive alive, Instant now)
    {
        if (context.IsLeaving && alive.Node == context.Config.Name)
            return;
        if (alive.HasVersions && (alive.Versions.ProtocolMin == 0 || alive.Versions.ProtocolMin > alive.Versions.ProtocolMax))
            return;
        if (alive.Address.Port == 0)
            alive = alive with { Address = alive.Address with { Port = context.Config.Address.Port } };
        var isTakeover = false;
        if (!context.Members.TryGet(alive.Node, out var entry))
        {
            if (!MayAdd())
                return;
            entry = new(alive, now);
            context.Members.Add(entry);
        }
        else if (entry.Address != alive.Address)
        {
            isTakeover = MayTakeOver(entry, now);
            if (!isTakeover)
            {
                ReportConflict(entry, alive.Address, now);
                return;
            }
        }
        if (entry == context.Self)
            RefuteAlive(alive);
        else if (alive.Incarnation > entry.Incarnation || isTakeover)
            Believe(entry, alive, now);
    }

    /// <summary>Somebody suspects a member.</summary>
    public void Suspect(GossipMessage.Suspect suspect, Instant now)
    {
        if (!context.Members.TryGet(suspect.Node, out var entry) || suspect.Incarnation < entry.Incarnation)
            return;
        if (entry.Suspicion is { } running)
        {
            var before = running.Deadline;
            if (!running.Confirm(suspect.From))
                return;
            _suspicions.Remove((before, entry.Name));
            _suspicions.Add((running.Deadline, entry.Name));
            context.Broadcast(entry.Name, suspect);
            return;
        }
        if (entry.State != GossipMemberState.Alive)
            return;
        if (entry == context.Self)
        {
            Refute(suspect.Incarnation, $"{suspect.From} suspected this member");
            return;
        }
        context.Broadcast(entry.Name, suspect);
        entry.Incarnation = suspect.Incarnation;
        entry.Become(GossipMemberState.Suspect, now);
        entry.Suspicion = StartSuspicion(suspect.From, now);
        _suspicions.Add((entry.Suspicion.Deadline, entry.Name));
        context.Emit(new GossipOutput.MemberSuspected(entry.ToMember(), suspect.From));
    }

    /// <summary>This process has reason to suspect a member. It is told at once, so that it can refute.</summary>
    public void Accuse(string name, long accusation, Instant now)
    {
        if (!context.Members.TryGet(name, out var entry) || entry == context.Self || entry.IsGone)
            return;
        entry.Accuse(accusation);
        var suspect = new GossipMessage.Suspect(entry.Incarnation, name, context.Config.Name);
        context.SendRaw(entry.Address, name, [GossipCodec.Encode(suspect)]);
        Suspect(suspect, now);
    }

    /// <summary>Somebody says that a member failed, or it says itself that it left.</summary>
    public void Dead(GossipMessage.Dead dead, Instant now)
    {
        if (!context.Members.TryGet(dead.Node, out var entry) || dead.Incarnation < entry.Incarnation)
            return;
        EndSuspicion(entry);
        if (entry.IsGone)
            return;
        if (entry == context.Self && !context.IsLeaving)
        {
            Refute(dead.Incarnation, $"{dead.From} declared this member dead");
            return;
        }
        context.Broadcast(entry.Name, dead);
        entry.Incarnation = dead.Incarnation;
        entry.Become(dead.Node == dead.From ? GossipMemberState.Left : GossipMemberState.Dead, now);
        if (entry != context.Self)
            context.Emit(new GossipOutput.MemberLeft(entry.ToMember()));
    }

    /// <summary>Takes over what is news in another's picture. Whom it thinks dead is only suspected here, so that it can refute.</summary>
    public void Merge(IReadOnlyList<GossipMessage.NodeState> states, Instant now)
    {
        foreach (var (state, statement) in states)
        {
            if (state == GossipMemberState.Alive)
                Alive(statement, now);
            else if (state == GossipMemberState.Left)
                Dead(new(statement.Incarnation, statement.Node, statement.Node), now);
            else
                Suspect(new(statement.Incarnation, statement.Node, context.Config.Name), now);
        }
    }

    /// <summary>Changes what this member states about itself.</summary>
    public void ChangeSelf(ReadOnlySpan<byte> meta)
    {
        Restate(meta, context.NextIncarnation());
    }

    private bool MayAdd()
    {
        if (context.Members.Count < context.Config.MostMembers)
            return true;
        if (!_hasReportedLimit)
            context.Report(GossipReport.LimitReached, $"no further member is let in: there are {context.Config.MostMembers}");
        _hasReportedLimit = true;
        return false;
    }

    private bool MayTakeOver(GossipMemberEntry entry, Instant now) =>
        entry.State == GossipMemberState.Left ||
        (entry.State == GossipMemberState.Dead && context.Config.DeadNodeReclaimTime > TimeSpan.Zero &&
            now - entry.StateSince > context.Config.DeadNodeReclaimTime);

    // A conflict is repeated by every broadcast and every exchange; telling it now and then is enough.
    private void ReportConflict(GossipMemberEntry entry, GossipAddress other, Instant now)
    {
        if (_conflicts.TryGetValue(entry.Name, out var last) && now - last < ConflictInterval)
            return;
        if (_conflicts.Count >= MostConflicts)
            _conflicts.Clear();
        _conflicts[entry.Name] = now;
        context.Emit(new GossipOutput.NameConflict(entry.ToMember(), other));
    }

    private void Believe(GossipMemberEntry entry, GossipMessage.Alive alive, Instant now)
    {
        var (wasGone, wasSuspect) = (entry.IsGone, entry.State == GossipMemberState.Suspect);
        var isChanged = entry.Address != alive.Address || !entry.Statement.Meta.AsSpan().SequenceEqual(alive.Meta);
        EndSuspicion(entry);
        context.Broadcast(alive.Node, alive);
        entry.Statement = alive.HasVersions ? alive : alive with { Versions = entry.Statement.Versions };
        entry.Incarnation = alive.Incarnation;
        entry.Become(GossipMemberState.Alive, now);
        if (wasGone)
        {
            context.Emit(new GossipOutput.MemberJoined(entry.ToMember()));
            return;
        }
        if (wasSuspect)
            context.Emit(new GossipOutput.MemberCleared(entry.ToMember()));
        if (isChanged)
            context.Emit(new GossipOutput.MemberUpdated(entry.ToMember()));
    }

    // What others say of us in an older incarnation is the past; in our own one it is an echo, unless it differs: then they remember
    // this member from before a restart.
    private void RefuteAlive(GossipMessage.Alive alive)
    {
        var (self, statement) = (context.Self, context.Self.Statement);
        if (alive.Incarnation < self.Incarnation)
            return;
        var isEcho = alive.Meta.AsSpan().SequenceEqual(statement.Meta) && alive.Versions == statement.Versions;
        if (alive.Incarnation == self.Incarnation && isEcho)
            return;
        Refute(alive.Incarnation, "others remember this member from before its restart");
    }

    private void Refute(uint accused, string why)
    {
        context.Health.Add(1);
        context.Counts = context.Counts with { Refutations = context.Counts.Refutations + 1 };
        context.Report(GossipReport.Refuted, why);
        Restate(context.Self.Statement.Meta, context.IncarnationAbove(accused));
    }

    private void Restate(ReadOnlySpan<byte> meta, uint incarnation)
    {
        context.Self.Statement = context.StateSelf(meta, incarnation);
        context.Self.Incarnation = incarnation;
        context.Broadcast(context.Self.Name, context.Self.Statement);
    }

    private GossipSuspicion StartSuspicion(string from, Instant now)
    {
        var (tuning, members) = (context.Tuning, context.Members.Count);
        // Ourselves and the suspected one cannot confirm; if too few are left, none is waited for.
        var hopedFor = tuning.SuspicionMult - 2;
        if (members - 2 < hopedFor)
            hopedFor = 0;
        var least = GossipSuspicion.Least(tuning.SuspicionMult, members, tuning.ProbeInterval);
        return new(from, hopedFor, least, least * Math.Max(1, tuning.SuspicionMaxTimeoutMult), now);
    }

    private void EndSuspicion(GossipMemberEntry entry)
    {
        if (entry.Suspicion is not { } suspicion)
            return;
        _suspicions.Remove((suspicion.Deadline, entry.Name));
        entry.Suspicion = null;
    }

    private sealed class DeadlineOrder : IComparer<(Instant Deadline, string Name)>
    {
        public static readonly DeadlineOrder Instance = new();

        public int Compare((Instant Deadline, string Name) x, (Instant Deadline, string Name) y) =>
            x.Deadline != y.Deadline ? x.Deadline.CompareTo(y.Deadline) : string.CompareOrdinal(x.Name, y.Name);
    }
}
