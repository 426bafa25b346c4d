using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Core.Admission;
using FerroLB.Core.Election;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The controller: gives Services of type LoadBalancer their addresses.
/// <para>
/// This type puts the parts together and hands each input to the part that it concerns. The <see cref="WatchSet"/> keeps pictures of
/// the configuration, Services and namespaces. The <see cref="ConfigKeeper"/> turns the configuration's objects into the configuration in
/// force. The <see cref="LeaderElectionMachine"/> says whether this process leads. While it does, a <see cref="LeaderTerm"/> decides and
/// writes: its <see cref="ServiceAssigner"/> decides about one Service at a time and writes its status, its <see cref="PoolStatus"/> does
/// so for the pools' counters.
/// </para>
/// <para>
/// A standby has the same pictures and no term: it decides and writes nothing. When it becomes the leader, a term begins with what the
/// statuses say, read anew; when it is deposed the term is dropped. While it cannot renew its Lease the term is kept and stands still.
/// Nothing is decided before every kind was listed completely. The allocator's memory is the truth while the term lasts, and the statuses
/// in the API are the truth for the next one.
/// </para>
/// <para>
/// Beside all this every replica, leader or standby, answers the API server's questions about objects before they are stored
/// (<see cref="AdmissionDesk"/>) and keeps the certificates for it (<see cref="CertificateMachine"/>).
/// </para>
/// </summary>
public sealed class ControllerNode : IMachine<NodeInput, NodeOutput>
{
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ElectionHeadStart = TimeSpan.FromSeconds(1);

    private readonly ControllerOptions _options;
    private readonly SeededRandom _random;
    private readonly RequestIds _ids = new();
    private readonly Queue<NodeOutput> _outputs = new();
    private readonly ControllerPictures _pictures;
    private readonly LeaderElectionMachine? _election;
    private readonly CertificateMachine? _certificates;
    private LeaderTerm? _term;
    private int _termNumber;
    private DateTimeOffset _utc;
    private Instant _now;
    private Instant? _startedAt;
    private Instant? _stopBy;
    private bool _isWatching;
    private bool _isReleasing;
    private bool _isStopped;
    private bool _isChanged = true;

    /// <summary>Makes a controller; <see cref="Advance"/> sends its first requests.</summary>
    public ControllerNode(ControllerOptions options, ulong seed)
    {
        (_options, _random) = (options, new SeededRandom(seed));
        var watches = new WatchSet(_ids, _random, _outputs);
        var config = new ConfigKeeper(_outputs, rejection => _term?.OnRejected(rejection, _now));
        config.Watch(watches, options.Namespace, pool => _term?.OnPool(pool));
        config.WatchBgp(watches, options.Namespace);
        var services = watches.Add(KubeKinds.Services, null, change => _term?.OnService(change));
        var namespaces = watches.Add(KubeKinds.Namespaces, null, change => _term?.OnNamespace(change));
        var state = watches.AddSingle(
            KubeKinds.ConfigurationStates, new ObjectKey(options.Namespace, LeaderTerm.StateName), _ => _term?.OnState());
        _pictures = new ControllerPictures(watches, config, services, namespaces, state);
        _outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.Starting(options)));
        if (options.Certificates is { } certificates)
            _certificates = new CertificateMachine(certificates, options.PodName, _ids, _random);
        if (options.IsWebhookOnly)
            return;
        if (options.Election is { } election)
            _election = new LeaderElectionMachine(election, _ids, watches.Strings, _random);
        else
            BeginTerm(new TermStart(1, FormerTerm.Unknown, Instant.Zero, 0, TimeSpan.Zero));
    }

    /// <summary>What the controller knows and has decided now.</summary>
    public ControllerSnapshot Snapshot { get; private set; } = new();

    /// <inheritdoc/>
    public Instant? NextDeadline
    {
        get
        {
            if (_isStopped)
                return null;
            var deadline = Instant.Earlier(_election?.NextDeadline, _term?.WriteDeadline);
            if (_stopBy is { } stopBy)
                return Instant.Earlier(deadline, stopBy);
            deadline = Instant.Earlier(deadline, _isWatching ? _pictures.Watches.NextDeadline : WatchesBegin);
            deadline = Instant.Earlier(deadline, _certificates?.NextDeadline);
            return IsLeading ? Instant.Earlier(deadline, _term!.DecisionDeadline(_now)) : deadline;
        }
    }

    private ImmutableSortedDictionary<ObjectKey, ServiceOutcome> Outcomes =>
        _term?.Assigner.Outcomes ?? ImmutableSortedDictionary<ObjectKey, ServiceOutcome>.Empty;

    private LeaderRole Role => _election?.Role ?? LeaderRole.Leader;

    private bool IsLeading => _term is not null && Role == LeaderRole.Leader;

    private Instant WatchesBegin => _startedAt is { } start && _election is not null ? start + ElectionHeadStart : _now;

    /// <inheritdoc/>
    public bool TryTake(out NodeOutput output) => _outputs.TryDequeue(out output!);

    /// <inheritdoc/>
    public void Handle(in NodeInput input, Instant now)
    {
        if (_isStopped)
            return;
        _certificates?.Handle(input, now);
        switch (input)
        {
            case NodeInput.ReviewRequested review:
                Answer(review);
                break;
            case NodeInput.ClockRead clock:
                SetClock(clock.Utc, now);
                break;
            case NodeInput.KubeResponded { Response: var response } when _term?.Owns(response.Id) == true:
                _term.Handle(response, now);
                break;
            case NodeInput.KubeResponded { Response: var response } when _election?.Owns(response.Id) == true:
                _election.Handle(new ElectionInput.Responded(response), now);
                break;
            case NodeInput.WatchEventReceived line when _election?.Owns(line.RequestId) == true:
                _election.Handle(new ElectionInput.LineReceived(line.RequestId, line.Line), now);
                break;
            case NodeInput.WatchClosed closed when _election?.Owns(closed.RequestId) == true:
                _election.Handle(new ElectionInput.WatchClosed(closed.RequestId, closed.Reason), now);
                break;
            case NodeInput.ShutdownRequested when _stopBy is null:
                _stopBy = now + ShutdownLimit;
                _outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.Stopping(_term?.WritesInFlight ?? 0)));
                break;
            default:
                _pictures.Watches.Handle(input, now);
                break;
        }
        Advance(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        _now = now;
        if (_isStopped)
            return;
        // First of all: after a pause of the process nothing may be decided that the Lease does not cover any more.
        FollowElection(now);
        _term?.Advance(now);
        if (_stopBy is null)
        {
            Watch(now);
            Decide(now);
            _certificates?.Advance(now);
        }
        while (_certificates?.TryTake(out var output) == true)
            _outputs.Enqueue(output);
        if (IsLeading)
            _term!.Drain(now);
        if (_stopBy is not null)
            ShutDown(now);
        PublishSnapshot();
    }

    private void SetClock(DateTimeOffset utc, Instant now)
    {
        _utc = utc;
        if (_term is not null)
            _term.Utc = utc;
        _election?.Handle(new ElectionInput.ClockRead(utc), now);
    }

    private void FollowElection(Instant now)
    {
        if (_election is null)
            return;
        var wasFailing = _election.IsFailing;
        _election.Advance(now);
        while (_election.TryTake(out var output))
            _outputs.Enqueue(Translate(output));
        if (wasFailing && !_election.IsFailing)
            _pictures.Watches.Hasten(now);
        if (_term is not null && (Role == LeaderRole.Standby || _termNumber != _election.Term))
            EndTerm();
        if (_term is null && Role == LeaderRole.Leader && _stopBy is null)
            BeginTerm(new TermStart(_election.Term, _election.Former, now, _ids.Last, _options.Election!.LeaseDuration));
    }

    private static NodeOutput Translate(ElectionOutput output) => output switch
    {
        ElectionOutput.SendRequest send => new NodeOutput.SendKubeRequest(send.Request),
        ElectionOutput.CancelRequest cancel => new NodeOutput.CancelKubeRequest(cancel.RequestId),
        ElectionOutput.WriteLog log => new NodeOutput.WriteLog(log.Event),
        _ => new NodeOutput.ChangeMetric(((ElectionOutput.ChangeMetric)output).Change),
    };

    private void BeginTerm(TermStart start)
    {
        _termNumber = start.Number;
        _term = new LeaderTerm(_options, _pictures, (_ids, _random), _outputs, start) { Utc = _utc };
        _isChanged = true;
    }

    private void EndTerm()
    {
        _term!.End();
        _term = null;
        _isChanged = true;
    }

    /// <summary>
    /// Watching begins when the first word about the Lease is there, so that a leader's first lists are as fresh as its term needs.
    /// </summary>
    private void Watch(Instant now)
    {
        _startedAt ??= now;
        _isWatching |= _election is null || _election.HasOutcome || now >= WatchesBegin;
        if (_isWatching)
            _pictures.Watches.Advance(now);
    }

    private void Decide(Instant now)
    {
        var isSynced = _pictures.Watches.IsSynced;
        if (isSynced)
            _isChanged |= _pictures.Config.Refresh();
        if (isSynced && IsLeading)
            _term!.Decide(now);
        if (IsLeading)
            _term!.Report(now);
    }

    /// <summary>Every replica answers, whether it leads or not.</summary>
    private void Answer(NodeInput.ReviewRequested review)
    {
        var answer = AdmissionDesk.Answer(review.Path, review.Body, _pictures.Config.Admission);
        _outputs.Enqueue(new NodeOutput.AnswerReview(review.Id, answer.StatusCode, answer.Body));
    }

    /// <summary>The writes under way get a second to end, and so does the return of the Lease.</summary>
    private void ShutDown(Instant now)
    {
        if (!_isReleasing && (_term is null || _term.IsIdle || now >= _stopBy))
        {
            _isReleasing = true;
            _stopBy = now + ReleaseLimit;
            _election?.Handle(new ElectionInput.ReleaseRequested(_term?.IsComplete ?? false), now);
            FollowElection(now);
        }
        if (!_isReleasing || !(_election is null || _election.IsReleased || now >= _stopBy))
            return;
        _isStopped = true;
        _outputs.Enqueue(new NodeOutput.CompleteShutdown());
    }

    private void PublishSnapshot()
    {
        var leadership = new LeadershipSnapshot(
            Role, _options.Election?.Identity ?? "", _election?.Holder ?? "", _election?.Transitions ?? 0, _term?.IsOpen ?? false);
        if (_term?.TakeChange() != true && !_isChanged && ReferenceEquals(Snapshot.Services, Outcomes) &&
            Snapshot.Leadership == leadership)
            return;
        _isChanged = false;
        Snapshot = new ControllerSnapshot
        {
            Leadership = leadership,
            IsSynced = _term?.Assigner.IsAdopted ?? false,
            Config = _pictures.Config.Result,
            Pools = [.. _term?.Assigner.Allocator.Counters ?? []],
            Services = Outcomes,
            MemberlistProblem = _term?.MemberlistProblem ?? "",
            WritesPending = _term?.WritesInFlight ?? 0,
        };
    }
}
