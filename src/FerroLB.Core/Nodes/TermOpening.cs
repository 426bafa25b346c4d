using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Election;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// What a leader does before it decides anything, so that no write of the leader before it can give an address that it gives too.
/// <para>
/// First it lists everything anew: what the former leader wrote must be seen. If that one gave the Lease back and had no write under way,
/// that is all. Otherwise one of its writes may still lie in a buffer somewhere, or in a process that stands still, and be carried out at
/// any later time. Such a write was computed from a version that existed before this term, and fails once the Service has another one.
/// And it adds an address only to a Service that names none or bears the mark <see cref="MetallbAnnotation.Open"/>
/// (<see cref="ServiceStatusWriter"/>). So each of those is marked anew, which moves its version; whichever of the two writes comes first,
/// the other one fails, and this leader sees which. Only then are addresses given out.
/// </para>
/// <para>
/// When nobody knows whether there was a leader at all (the Lease is new), the Services tell: without any trace of one there is nothing to
/// mark; with a trace the Lease may have been deleted under a leader that has not noticed yet, and it is given the time to.
/// docs/adr/0007-leader-election-and-fencing.md has the argument in full.
/// </para>
/// </summary>
internal sealed class TermOpening
{
    /// <summary>So often may the server refuse a mark; what it refuses to us, it refuses to the former leader too.</summary>
    private const int MostRefusals = 5;

    private readonly ControllerOptions _options;
    private readonly ControllerPictures _pictures;
    private readonly Queue<NodeOutput> _outputs;
    private readonly StatusWriter<Service> _writer;
    private readonly RequestIds _ids;
    private readonly TermStart _start;
    private readonly string _mark;
    private readonly WorkQueue<ObjectKey> _toMark = new();
    private readonly SortedDictionary<ObjectKey, Unsafe> _unsafe = [];
    private Step _step = Step.Reading;
    private long _readSince;
    private bool _hasWaited;
    private int _marked;

    /// <summary>Prepares the opening of a term.</summary>
    public TermOpening(
        ControllerOptions options,
        ControllerPictures pictures,
        (StatusWriter<Service> Writer, RequestIds Ids) requests,
        Queue<NodeOutput> outputs,
        (TermStart Start, string Mark) term)
    {
        (_options, _pictures, _outputs) = (options, pictures, outputs);
        (_writer, _ids) = requests;
        (_start, _mark) = term;
        _readSince = _start.LastRequest;
    }

    private enum Step
    {
        Reading,
        Waiting,
        Marking,
        Open,
    }

    /// <summary>Whether decisions may begin.</summary>
    public bool IsOpen => _step == Step.Open;

    /// <summary>Whether a write of an earlier leader can still succeed in giving an address.</summary>
    public bool IsSafe => IsOpen || _start.Former == FormerTerm.Complete;

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => _step switch
    {
        Step.Waiting => _start.Since + _start.Patience,
        Step.Marking => _unsafe.Count == 0 ? Instant.Zero : _toMark.NextDeadline,
        _ => null,
    };

    /// <summary>Does the next steps, as far as they are possible now.</summary>
    public void Advance(Instant now)
    {
        if (_step == Step.Waiting && now >= _start.Since + _start.Patience)
            (_step, _readSince, _hasWaited) = (Step.Reading, _ids.Last, true);
        if (_step == Step.Reading)
            Read(now);
        if (_step == Step.Marking)
            Mark(now);
    }

    /// <summary>Takes the end of a write, if it is one of this opening's and the last word about it.</summary>
    public bool Complete(WriteOutput.Complete complete, Instant now)
    {
        if (_writer.Complete(complete, now) is not { } written)
            return false;
        _pictures.Watches.Drain();
        if (!_unsafe.TryGetValue(written.Key, out var state))
            return true;
        if (written.Result == WriteResult.Gone || HasMoved(written.Key, state))
        {
            Settle(written.Key);
        }
        else if (written.Result == WriteResult.Refused && state.Refusals + 1 >= MostRefusals)
        {
            var problem = KubeStatus.Read(written.Response?.Body ?? default).Message;
            _outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.MarkRefused(written.Key, written.Response?.StatusCode ?? 0, problem)));
            Settle(written.Key);
        }
        else
        {
            _unsafe[written.Key] = state with { Refusals = state.Refusals + (written.Result == WriteResult.Refused ? 1 : 0) };
            _toMark.Retry(written.Key, now);
        }
        return true;
    }

    private void Read(Instant now)
    {
        _pictures.Watches.Relist(_readSince, now);
        if (!_pictures.Watches.IsListedSince(_readSince))
            return;
        var isUnknown = _start.Former == FormerTerm.Unknown;
        if (_start.Former == FormerTerm.Complete || (isUnknown && !_pictures.Services.Objects.Values.Any(HasTrace)))
        {
            _step = Step.Open;
            return;
        }
        if (isUnknown && !_hasWaited && now < _start.Since + _start.Patience)
        {
            _outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.WaitingForUnknownLeader(_start.Patience)));
            _step = Step.Waiting;
            return;
        }
        foreach (var (key, service) in _pictures.Services.Objects)
        {
            if (!_options.Serves(service) || (service.Status.Ingress.Count > 0 && !IsMarked(service)))
                continue;
            _unsafe.Add(key, new Unsafe(service.Metadata.ResourceVersion, 0));
            _toMark.Mark(key);
        }
        _step = Step.Marking;
    }

    private void Mark(Instant now)
    {
        _toMark.Advance(now);
        while (_toMark.TryTake(out var key))
        {
            if (_pictures.Services.Find(key) is not { } service || HasMoved(key, _unsafe[key]))
                Settle(key);
            else
                _writer.Patch(
                    service, KubePatch.Annotation(service.Metadata, MetallbAnnotation.Open, $"{_mark}/{++_marked}"), now);
        }
        if (_unsafe.Count > 0)
            return;
        _step = Step.Open;
        _outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.Fenced(_marked)));
    }

    private void Settle(ObjectKey key)
    {
        _unsafe.Remove(key);
        _toMark.Forget(key);
    }

    private bool HasMoved(ObjectKey key, Unsafe state) =>
        _pictures.Services.Find(key) is not { } service || service.Metadata.ResourceVersion != state.Version;

    private static bool IsMarked(Service service) => service.Metadata.Annotation(MetallbAnnotation.Open) is not null;

    private static bool HasTrace(Service service) =>
        IsMarked(service) || Statement.Find(service.Status.Conditions, Statement.Allocated) is not null;

    /// <summary>A Service to which an address may still be added by a write of an earlier leader.</summary>
    /// <param name="Version">The version that this would have to be based on.</param>
    /// <param name="Refusals">How often the server refused the mark.</param>
    private readonly record struct Unsafe(string? Version, int Refusals);
}
