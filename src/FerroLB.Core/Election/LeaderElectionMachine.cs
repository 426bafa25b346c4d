using System;
using System.Collections.Generic;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Election;

/// <summary>
/// Decides with the other replicas which one leads, through a Lease (coordination.k8s.io/v1) that one process holds and renews.
/// <para>
/// Every process watches the Lease. A standby takes it when nobody holds it, or when it has seen no change of it for the time that its
/// holder promised (<see cref="Lease.LeaseDurationSeconds"/>), measured by its own monotonic clock: the times in the Lease are for people,
/// so clocks that disagree do no harm. The holder renews every <see cref="LeaderElectionOptions.RetryPeriod"/>, and leads until
/// <see cref="LeaderElectionOptions.RenewDeadline"/> after it <i>sent</i> its last successful renewal, which is sooner than anybody else
/// may take over. Every write carries the version that it was computed from, so of two that are tried at once one fails.
/// </para>
/// <para>
/// A leader that cannot renew in time is <see cref="LeaderRole.Suspended"/>: it decides nothing, and keeps everything. When a renewal that
/// was computed from its own last one succeeds, nobody else has led in between, and it goes on. When it sees another holder it is a
/// standby. A stopping leader gives the Lease back and says in an annotation whether all of its writes are over; the others see that at
/// once. The same write, sent twice or arriving late, fails by its version.
/// </para>
/// </summary>
public sealed class LeaderElectionMachine : IMachine<ElectionInput, ElectionOutput>
{
    private const string StatusMetric = "leader_election_master_status";
    private static readonly TimeSpan ReleaseRetry = TimeSpan.FromMilliseconds(100);

    private readonly LeaderElectionOptions _options;
    private readonly LeaseRequests _requests;
    private readonly ReflectorMachine<Lease> _lease;
    private readonly StringTable _strings;
    private readonly SeededRandom _random;
    private readonly RequestIds _ids;
    private readonly Queue<ElectionOutput> _outputs = new();
    private readonly TimeSpan _attemptDeadline;
    private Attempt? _attempt;
    private Instant _seenSince;
    private Instant _notBefore = Instant.Zero;
    private Instant _validUntil = Instant.Zero;
    private TimeSpan _promised;
    private FormerTerm _taken;
    private DateTimeOffset _utc;
    private Instant _utcAt;
    private string _problem = "";
    private bool _isFailing;
    private bool? _release;

    /// <summary>Makes a candidate; <see cref="Advance"/> sends its first request.</summary>
    public LeaderElectionMachine(LeaderElectionOptions options, RequestIds ids, StringTable strings, SeededRandom random)
    {
        (_options, _ids, _strings, _random) = (options, ids, strings, random.Fork("election"));
        _requests = new LeaseRequests(options);
        var only = new ReflectorOptions(options.Namespace, FieldSelector: $"metadata.name={options.Name}");
        _lease = new ReflectorMachine<Lease>(KubeKinds.Leases, only, ids, strings, _random);
        _attemptDeadline = options.RenewDeadline / 2;
        TellMetric();
    }

    private enum Step
    {
        Get,
        Create,
        Take,
        Renew,
        Release,
    }

    /// <summary>What this process may do now.</summary>
    public LeaderRole Role { get; private set; }

    /// <summary>Counts the terms of this process: another number is another term, with nothing kept from the one before.</summary>
    public int Term { get; private set; }

    /// <summary>How the term before this process's present one ended.</summary>
    public FormerTerm Former { get; private set; }

    /// <summary>Who holds the Lease as far as is known; "" for nobody.</summary>
    public string Holder => _lease.Find(_options.Lease)?.HolderIdentity ?? "";

    /// <summary>How often the Lease changed hands as far as is known.</summary>
    public int Transitions => _lease.Find(_options.Lease)?.LeaseTransitions ?? 0;

    /// <summary>Whether this process leads, knows that another one does, or cannot find out.</summary>
    public bool HasOutcome => Role != LeaderRole.Standby || (Holder.Length > 0 && Holder != _options.Identity) || IsFailing;

    /// <summary>Whether the last attempt to read or to write the Lease failed.</summary>
    public bool IsFailing => _isFailing || _lease.IsFailing;

    /// <summary>After a request for release: whether there is nothing more to wait for.</summary>
    public bool IsReleased { get; private set; }

    /// <inheritdoc/>
    public Instant? NextDeadline
    {
        get
        {
            if (IsReleased)
                return null;
            var deadline = Instant.Earlier(_lease.NextDeadline, Role == LeaderRole.Leader ? _validUntil : null);
            return Instant.Earlier(deadline, _attempt is { } attempt ? attempt.Deadline : NextAttempt);
        }
    }

    private ObjectKey Key => _options.Lease;

    /// <summary>When the next attempt is due; null while nothing is known of the Lease.</summary>
    private Instant? NextAttempt
    {
        get
        {
            if (!_lease.IsSynced || _lease.Faults.Count > 0)
                return null;
            var lease = _lease.Find(Key);
            var isFree = IsOwn(lease) || Role != LeaderRole.Standby || (lease is not null && string.IsNullOrEmpty(lease.HolderIdentity));
            var due = isFree ? Instant.Zero : _seenSince + _promised;
            return due > _notBefore ? due : _notBefore;
        }
    }

    /// <summary>Whether an answer, a line or a close belongs to this machine.</summary>
    public bool Owns(long requestId) => _attempt?.Id == requestId || _lease.Owns(requestId);

    /// <inheritdoc/>
    public bool TryTake(out ElectionOutput output) => _outputs.TryDequeue(out output!);

    /// <inheritdoc/>
    public void Handle(in ElectionInput input, Instant now)
    {
        switch (input)
        {
            case ElectionInput.ClockRead clock:
                (_utc, _utcAt) = (clock.Utc, now);
                break;
            case ElectionInput.Responded { Response: var response } when _attempt is { } attempt && attempt.Id == response.Id:
                _attempt = null;
                OnAnswer(attempt, response, now);
                break;
            case ElectionInput.Responded { Response: var response }:
                _lease.Handle(new ReflectorInput.Responded(response), now);
                break;
            case ElectionInput.LineReceived line:
                _lease.Handle(new ReflectorInput.LineReceived(line.RequestId, line.Line), now);
                break;
            case ElectionInput.WatchClosed closed:
                _lease.Handle(new ReflectorInput.WatchClosed(closed.RequestId, closed.Reason), now);
                break;
            case ElectionInput.ReleaseRequested release:
                _release ??= release.IsComplete;
                _notBefore = Instant.Zero;
                ChangeRole(LeaderRole.Standby);
                break;
        }
        Advance(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        if (IsReleased)
            return;
        _lease.Advance(now);
        DrainLease(now);
        if (Role == LeaderRole.Leader && now >= _validUntil)
        {
            Log(ElectionLog.Suspended(_options, _problem.Length > 0 ? _problem : "no renewal in time"));
            ChangeRole(LeaderRole.Suspended);
        }
        if (_attempt is { } attempt && now >= attempt.Deadline)
        {
            _outputs.Enqueue(new ElectionOutput.CancelRequest(attempt.Id));
            _attempt = null;
            Fail("no answer in time", now);
            _notBefore = now;
        }
        if (_release is not null && _attempt is null && !IsOwn(_lease.Find(Key)))
            IsReleased = true;
        else if (_attempt is null && NextAttempt <= now)
            Try(now);
    }

    private void Try(Instant now)
    {
        var lease = _lease.Find(Key);
        if (IsOwn(lease) && _release is { } isComplete)
            Send(Step.Release, now, _requests.Release(lease!, isComplete, Utc(now)));
        else if (IsOwn(lease))
            Send(Step.Renew, now, _requests.Renew(lease!, Utc(now)));
        else if (lease is null)
            Send(Step.Create, now, _requests.Create(Utc(now)));
        else
            Send(Step.Take, now, _requests.Take(lease, Utc(now)));
    }

    private void Send(Step step, Instant now, KubeRequest request)
    {
        var lease = _lease.Find(Key);
        if (step is Step.Take or Step.Create)
            _taken = FormerOf(lease);
        var id = _ids.Next();
        _attempt = new Attempt(step, id, now, now + _attemptDeadline, lease?.Metadata.ResourceVersion);
        _outputs.Enqueue(new ElectionOutput.SendRequest(request with { Id = id }));
    }

    /// <summary>A Lease that is about to be taken tells how the term before ended.</summary>
    private FormerTerm FormerOf(Lease? lease)
    {
        if (lease is null)
            return _promised > TimeSpan.Zero ? FormerTerm.Unfinished : FormerTerm.Unknown;
        if (!string.IsNullOrEmpty(lease.HolderIdentity))
            return FormerTerm.Unfinished;
        return lease.Metadata.Annotation(LeaseRequests.ReleasedAnnotation) switch
        {
            LeaseRequests.Complete => FormerTerm.Complete,
            LeaseRequests.Unfinished => FormerTerm.Unfinished,
            _ => FormerTerm.Unknown,
        };
    }

    private void OnAnswer(Attempt attempt, KubeResponse response, Instant now)
    {
        if (response.IsSuccess && KubeKinds.Leases.ReadObject(response.Body, _strings, out _) is { } fresh && fresh.Key == Key)
        {
            _lease.Absorb(fresh, attempt.BasedOn);
            DrainLease(now);
            OnWritten(attempt, fresh, now);
        }
        else if (response.StatusCode == 409)
        {
            Send(Step.Get, now, _requests.Get());
        }
        else
        {
            var problem = KubeStatus.Read(response.Body).Message;
            Fail(response.Failure ?? $"status {response.StatusCode}: {problem}", now);
            if (response.RetryAfter is { } asked && now + asked > _notBefore)
                _notBefore = now + (asked < _options.RenewDeadline ? asked : _options.RenewDeadline);
        }
    }

    private void OnWritten(Attempt attempt, Lease fresh, Instant now)
    {
        _isFailing = false;
        _problem = "";
        if (attempt.Step == Step.Release)
        {
            Log(ElectionLog.Released(_options, _release == true));
            IsReleased = true;
            return;
        }
        if (attempt.Step == Step.Get || !IsOwn(fresh) || !IsOwn(_lease.Find(Key)))
        {
            _notBefore = now;
            return;
        }
        _validUntil = attempt.SentAt + _options.RenewDeadline;
        _notBefore = _release is null ? attempt.SentAt + _options.RetryPeriod : now;
        if (_release is not null || now >= _validUntil || Role == LeaderRole.Leader)
            return;
        if (Role == LeaderRole.Suspended)
        {
            Log(ElectionLog.Resumed(_options));
        }
        else
        {
            (Term, Former) = (Term + 1, _taken);
            Log(ElectionLog.Leading(_options, Former));
        }
        ChangeRole(LeaderRole.Leader);
    }

    private void Fail(string problem, Instant now)
    {
        _problem = problem;
        if (!_isFailing)
            Log(ElectionLog.Failing(_options, problem));
        _isFailing = true;
        var least = _release is null ? _options.RetryPeriod : ReleaseRetry;
        _notBefore = now + _random.Between(least, least * 1.2);
    }

    private void DrainLease(Instant now)
    {
        while (_lease.TryTake(out var output))
        {
            switch (output)
            {
                case ReflectorOutput<Lease>.SendRequest send:
                    _outputs.Enqueue(new ElectionOutput.SendRequest(send.Request));
                    break;
                case ReflectorOutput<Lease>.CancelRequest cancel:
                    _outputs.Enqueue(new ElectionOutput.CancelRequest(cancel.RequestId));
                    break;
                case ReflectorOutput<Lease>.WriteLog log:
                    Log(log.Event);
                    break;
                case ReflectorOutput<Lease>.Changed changed when changed.Key == Key:
                    Observe(changed.Before, changed.After, now);
                    break;
            }
        }
    }

    private void Observe(Lease? before, Lease? after, Instant now)
    {
        var holder = after?.HolderIdentity ?? "";
        if (after is not null && Record(before) != Record(after))
        {
            _seenSince = now;
            var seconds = after.LeaseDurationSeconds is > 0 and { } promised ? promised : _options.LeaseDuration.TotalSeconds;
            _promised = holder.Length > 0 ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
        }
        if (IsOwn(after))
            return;
        // A leader whose Lease was deleted makes it anew while it may still lead; until then nobody who saw it takes over.
        if (Role == LeaderRole.Suspended || (Role == LeaderRole.Leader && after is not null))
        {
            Log(ElectionLog.Deposed(_options, holder));
            ChangeRole(LeaderRole.Standby);
        }
        if (after is null)
            _notBefore = now;
        else if (holder.Length > 0 && holder != before?.HolderIdentity)
            Log(ElectionLog.Follows(_options, holder));
    }

    private void ChangeRole(LeaderRole role)
    {
        if (Role == role)
            return;
        Role = role;
        TellMetric();
    }

    private void TellMetric() => _outputs.Enqueue(new ElectionOutput.ChangeMetric(new MetricChange(
        MetricOperation.Set, StatusMetric, Role == LeaderRole.Leader ? 1 : 0, new LogField("name", _options.Name))));

    private static (string?, string?, int?, DateTimeOffset?, DateTimeOffset?) Record(Lease? lease) =>
        (lease?.Metadata.Uid, lease?.HolderIdentity, lease?.LeaseTransitions, lease?.AcquireTime, lease?.RenewTime);

    private bool IsOwn(Lease? lease) => lease?.HolderIdentity == _options.Identity;

    private DateTimeOffset Utc(Instant now) => _utc + (now - _utcAt);

    private void Log(LogEvent line) => _outputs.Enqueue(new ElectionOutput.WriteLog(line));

    /// <summary>The one request that is under way.</summary>
    /// <param name="Step">What it does.</param>
    /// <param name="Id">Its id.</param>
    /// <param name="SentAt">When it left.</param>
    /// <param name="Deadline">When it is given up.</param>
    /// <param name="BasedOn">The version of the Lease that was pictured then.</param>
    private sealed record Attempt(Step Step, long Id, Instant SentAt, Instant Deadline, string? BasedOn);
}
