using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Everything that only the leading controller does, and all that it remembers of it: who has which address, which writes are under way,
/// what was said in Events. It is made when a controller becomes the leader and dropped when it no longer is; the pictures of the cluster
/// outlive it. Before it decides anything it makes sure that nothing of the leader before it can come in between
/// (<see cref="TermOpening"/>).
/// </summary>
internal sealed class LeaderTerm
{
    /// <summary>The name of the controller's ConfigurationState, and of the component in its label.</summary>
    public const string StateName = "controller";

    private const string Component = "metallb-controller";

    private readonly ControllerOptions _options;
    private readonly ControllerPictures _pictures;
    private readonly Queue<NodeOutput> _outputs;
    private readonly WriteQueue _writes;
    private readonly EventSender _events;
    private readonly ServiceAssigner _assigner;
    private readonly PoolStatus _poolStatus;
    private readonly StatusWriter<IpAddressPool> _poolWriter;
    private readonly ConfigurationStateWriter _state;
    private readonly OwnPod _pod;
    private ImmutableArray<ConfigRejection> _reported;
    private Statement? _verdict;
    private readonly TermOpening _opening;
    private readonly MemberlistSecret? _memberlist;
    private bool _isBegun;
    private bool _isUnsure;
    private bool _isChanged = true;

    /// <summary>Begins a term.</summary>
    public LeaderTerm(
        ControllerOptions options,
        ControllerPictures pictures,
        (RequestIds Ids, SeededRandom Random) draws,
        Queue<NodeOutput> outputs,
        TermStart start)
    {
        var (ids, random) = (draws.Ids, draws.Random.Fork($"term {start.Number}"));
        var mark = $"{options.Election?.Identity ?? options.PodName}/{random.Fork("mark").NextUInt64():x16}";
        (_options, _pictures, _outputs) = (options, pictures, outputs);
        var strings = pictures.Watches.Strings;
        _writes = new WriteQueue(ids);
        _events = new EventSender(new EventRecorder(Component, options.PodName, random.Fork("events")), ids, outputs);
        _assigner = new ServiceAssigner(options, pictures, _writes, _events, outputs, (Component, mark));
        _poolWriter = new StatusWriter<IpAddressPool>(KubeKinds.IpAddressPools, pictures.Config.Pools, _writes, strings, Component);
        _poolStatus = new PoolStatus(_assigner.Allocator, pictures.Config, _poolWriter, outputs);
        _pod = new OwnPod(new ObjectKey(options.Namespace, options.PodName), _writes, strings);
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { [ConfigurationStateWriter.ComponentLabel] = StateName };
        _state = new ConfigurationStateWriter(
            new ObjectKey(options.Namespace, StateName), labels, "poolReconcilerValid", pictures.State, _pod, _writes, strings, Component);
        var marker = new StatusWriter<Service>(KubeKinds.Services, pictures.Services, _writes, strings, Component);
        _opening = new TermOpening(options, pictures, (marker, ids), outputs, (start, mark));
        if (options.Memberlist is { } memberlist)
            _memberlist = new MemberlistSecret(memberlist, options.Namespace, ids, strings, outputs, Component);
    }

    /// <summary>Who has which address, and what was decided.</summary>
    public ServiceAssigner Assigner => _assigner;

    /// <summary>The wall clock.</summary>
    public DateTimeOffset Utc { get => _events.Utc; set => _events.Utc = value; }

    /// <summary>Whether everything was done that comes before the first decision.</summary>
    public bool IsOpen => _opening.IsOpen;

    /// <summary>Why the memberlist Secret could not be made; "" when it could, or is not wanted.</summary>
    public string MemberlistProblem => _memberlist?.Problem ?? "";

    /// <summary>Status writes in flight.</summary>
    public int WritesInFlight => _writes.InFlightCount;

    /// <summary>Whether no status write waits or is in flight.</summary>
    public bool IsIdle => _writes.IsIdle;

    /// <summary>Whether no write of this term or of an earlier one can still give an address, should this term end now.</summary>
    public bool IsComplete => _writes.IsIdle && !_isUnsure && _opening.IsSafe;

    /// <summary>When a write is to be repeated.</summary>
    public Instant? WriteDeadline => Instant.Earlier(_writes.NextDeadline, _events.NextDeadline);

    /// <summary>When there is something to decide.</summary>
    public Instant? DecisionDeadline(Instant now) =>
        _opening.IsOpen && (_assigner.HasWork || (_poolStatus.HasWork && !_assigner.IsBehind)) ? now
        : Instant.Earlier(Instant.Earlier(_state.NextDeadline, _memberlist?.NextDeadline), WorkDeadline);

    private Instant? WorkDeadline =>
        _opening.IsOpen ? Instant.Earlier(_assigner.NextDeadline, _poolStatus.NextDeadline) : _opening.NextDeadline;

    /// <summary>Whether an answer belongs to a write of this term.</summary>
    public bool Owns(long requestId) =>
        _writes.Owns(requestId) || _events.Owns(requestId) || _memberlist?.Owns(requestId) == true;

    /// <summary>Takes the answer to a write.</summary>
    public void Handle(KubeResponse response, Instant now)
    {
        if (_writes.Owns(response.Id))
            _writes.Handle(new WriteInput.Responded(response), now);
        else if (_memberlist?.Owns(response.Id) == true)
            HandleMemberlist(response, now);
        else
            _events.Handle(response, now);
    }

    /// <summary>Repeats writes that are due.</summary>
    public void Advance(Instant now)
    {
        _writes.Advance(now);
        _events.Yield(_writes.ReadyCount > 0);
        _events.Advance(now);
    }

    /// <summary>Decides a slice of what is marked; the pictures are complete.</summary>
    public void Decide(Instant now)
    {
        _opening.Advance(now);
        if (!_opening.IsOpen)
            return;
        Begin(now);
        _assigner.Use(_pictures.Config.Result.Config, _pictures.Config.HasUnreadablePool);
        _assigner.Advance(now);
        _assigner.Decide(now);
        if (_assigner.IsBehind)
            return;
        _poolStatus.MarkChanged(_options.Namespace);
        _poolStatus.Flush(now);
    }

    /// <summary>
    /// Says in the ConfigurationState what is in force; only that the object exists, before the pictures are complete. Makes the
    /// memberlist Secret.
    /// </summary>
    public void Report(Instant now)
    {
        _memberlist?.Advance(now);
        if (_assigner.IsAdopted && _pictures.Config.IsComplete && _reported != _pictures.Config.Rejections)
        {
            _reported = _pictures.Config.Rejections;
            _verdict = ConfigurationStateWriter.Verdict(_reported);
            _state.Mark();
        }
        _pod.Ask(now);
        if (_pod.IsSettled)
            _state.Flush(_verdict, Utc, now);
    }

    /// <summary>Passes on the writes that are to be sent, and takes note of those that are over.</summary>
    public void Drain(Instant now)
    {
        while (_writes.TryTake(out var output))
        {
            if (output is WriteOutput.Send send)
                _outputs.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
            else if (output is WriteOutput.Complete complete)
                OnWritten(complete, now);
        }
        _events.Drain();
    }

    /// <summary>A pool's picture changed.</summary>
    public void OnPool(ObjectKey pool) => _poolStatus.Mark(pool);

    /// <summary>The picture of the ConfigurationState changed.</summary>
    public void OnState() => _state.Mark();

    /// <summary>A Service's picture changed.</summary>
    public void OnService(ReflectorOutput<Service>.Changed change) => _assigner.OnService(change);

    /// <summary>A namespace's picture changed.</summary>
    public void OnNamespace(ReflectorOutput<Namespace>.Changed change) => _assigner.OnNamespace(change);

    /// <summary>Tells the user that a configuration object was rejected.</summary>
    public void OnRejected(ConfigRejection rejection, Instant now) =>
        _events.Record(_pictures.Config.Reference(rejection), true, "InvalidConfiguration", rejection.ToString(), now);

    /// <summary>The term is over: what it told of the pools is not ours to tell any more.</summary>
    public void End() => _poolStatus.End();

    /// <summary>Whether something happened that a snapshot shows; asks once.</summary>
    public bool TakeChange()
    {
        var isChanged = _isChanged;
        _isChanged = false;
        return isChanged;
    }

    private void HandleMemberlist(KubeResponse response, Instant now)
    {
        _memberlist!.Handle(response, now);
        _isChanged = true;
    }

    private void Begin(Instant now)
    {
        if (_isBegun)
            return;
        _isBegun = true;
        foreach (var rejection in _pictures.Config.Rejections)
            OnRejected(rejection, now);
    }

    private void OnWritten(WriteOutput.Complete complete, Instant now)
    {
        _isUnsure |= complete.IsUnsure;
        if (_opening.Complete(complete, now))
            return;
        if (_pod.Complete(complete))
        {
            if (_pod.Reference is null)
                _outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.NoOwnPod(_options.PodName, complete.Response?.StatusCode ?? 0)));
            Report(now);
            return;
        }
        if (_assigner.Complete(complete, now) is { } service)
        {
            _isChanged = true;
            TellFailure(service, KubeResource.Services.Kind);
        }
        else if (_poolWriter.Complete(complete, now) is { } pool)
        {
            _pictures.Watches.Drain();
            _poolStatus.OnWritten(pool, now);
            TellFailure(pool, KubeResource.IpAddressPools.Kind);
        }
        else if (_state.Complete(complete, now) is { } state)
        {
            _pictures.Watches.Drain();
            TellFailure(state, KubeResource.ConfigurationStates.Kind);
            Report(now);
        }
    }

    private void TellFailure(StatusWritten written, string kind)
    {
        if (written.Result is not WriteResult.Refused)
            return;
        var problem = KubeStatus.Read(written.Response?.Body ?? default).Message;
        _outputs.Enqueue(new NodeOutput.WriteLog(
            ControllerLog.WriteFailed(kind, written.Key, written.Response?.StatusCode ?? 0, problem)));
        _outputs.Enqueue(new NodeOutput.ChangeMetric(new MetricChange(MetricOperation.Add, "metallb_k8s_client_update_errors_total", 1)));
    }
}
