using System;
using System.Collections.Generic;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Kube.Watch;

/// <summary>
/// Keeps a picture of all objects of one kind, as close to the API server's as the connection allows.
/// <para>
/// It lists page by page into a second picture, and only when the last page is there compares the two: objects that changed, are new or are
/// missing are told one by one, so what was deleted while nobody watched is found as well. Then it watches from the list's version.
/// Bookmarks and events move that version on; when the server closes the watch, the next one begins where the last one ended. When the
/// server no longer keeps that version (410, as an answer or as an ERROR line) it lists again. Versions are opaque: they are compared for
/// equality only.
/// </para>
/// <para>
/// Failures are answered with a growing, jittered wait, and with the wait that the server asks for (Retry-After). The picture stays as it
/// is meanwhile, however long: an API server that is away changes nothing. Requests and watches that stay silent beyond their time are
/// given up.
/// </para>
/// <para>
/// The own writes of a node come back in two ways: as the answer and through the watch. <see cref="Absorb"/> takes the answer at once and
/// then passes over the events up to that version, those of an earlier object of the same name too, so the picture of an object never steps
/// back.
/// </para>
/// </summary>
/// <typeparam name="T">The record of the kind.</typeparam>
public sealed class ReflectorMachine<T> : IMachine<ReflectorInput, ReflectorOutput<T>>
    where T : KubeObject
{
    private const int PageSize = 500;
    private static readonly TimeSpan ListDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestWatchTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestWatchTimeout = TimeSpan.FromMinutes(10);
    private static readonly BackOff Delay = new(TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(30));
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestHaste = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan HealthyWatch = TimeSpan.FromSeconds(1);

    private readonly KubeKind<T> _kind;
    private readonly ReflectorOptions _options;
    private readonly StringTable _strings;
    private readonly SeededRandom _random;
    private readonly RequestIds _ids;
    private readonly SortedDictionary<ObjectKey, T> _objects = [];
    private readonly SortedDictionary<ObjectKey, JsonFault> _faults = [];
    private readonly SortedDictionary<ObjectKey, string> _absorbed = [];
    private readonly Queue<ReflectorOutput<T>> _outputs = new();
    private SortedDictionary<ObjectKey, T>? _incoming;
    private SortedDictionary<ObjectKey, JsonFault> _incomingFaults = [];
    private Step _step = Step.Waiting;
    private Instant _deadline = Instant.Zero;
    private Instant _stepSince = Instant.Zero;
    private long _listBegan;
    private long _request;
    private string? _version;
    private string? _continue;
    private int _failures;
    private bool _failing;
    private bool _isUnanswered;
    private bool _isGoneAgain;

    /// <summary>Makes a reflector; <see cref="Advance"/> sends the first request.</summary>
    public ReflectorMachine(KubeKind<T> kind, ReflectorOptions options, RequestIds ids, StringTable strings, SeededRandom random)
    {
        (_kind, _options, _strings) = (kind, options, strings);
        _random = random.Fork($"reflector {kind.Resource.Plural}");
        _ids = ids;
    }

    private enum Step
    {
        Waiting,
        Listing,
        Watching,
    }

    /// <summary>The present picture.</summary>
    public IReadOnlyDictionary<ObjectKey, T> Objects => _objects;

    /// <summary>Objects that exist in a form that cannot be read.</summary>
    public IReadOnlyDictionary<ObjectKey, JsonFault> Faults => _faults;

    /// <summary>Whether a complete list was read.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>
    /// The id of the first request of the last complete list, 0 for none: the picture holds everything that the server had stored when
    /// that request was made.
    /// </summary>
    public long ListedSince { get; private set; }

    /// <summary>Whether a watch is open as far as is known.</summary>
    public bool IsWatching => _step == Step.Watching;

    /// <inheritdoc/>
    public Instant? NextDeadline => _deadline;

    /// <inheritdoc/>
    public bool TryTake(out ReflectorOutput<T> output) => _outputs.TryDequeue(out output!);

    /// <summary>Whether the last attempt failed.</summary>
    public bool IsFailing => _failing;

    /// <summary>Whether an answer, a line or a close belongs to this reflector.</summary>
    public bool Owns(long requestId) => requestId == _request && _step != Step.Waiting;

    /// <summary>The object as it is pictured, or null.</summary>
    public T? Find(ObjectKey key) => _objects.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Handle(in ReflectorInput input, Instant now)
    {
        switch (input)
        {
            case ReflectorInput.Responded { Response: var response } when response.Id == _request:
                if (_step == Step.Listing && response.IsSuccess)
                    OnPage(response, now);
                else if (_step != Step.Waiting)
                    OnRefused(response, now);
                break;
            case ReflectorInput.LineReceived line when line.RequestId == _request && _step == Step.Watching:
                if (!IsOwnWrite(line.Line.Span, now))
                    OnLine(_kind.ReadLine(line.Line, _strings), now);
                break;
            case ReflectorInput.WatchClosed closed when closed.RequestId == _request && _step == Step.Watching:
                OnClosed(closed.Reason, now);
                break;
        }
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        if (now < _deadline)
            return;
        if (_step == Step.Waiting)
        {
            Resume(now);
            return;
        }
        _outputs.Enqueue(new ReflectorOutput<T>.WriteLog(ReflectorLog.Silent(_kind.Resource)));
        GiveUpRequest();
        if (_step == Step.Listing)
            Fail("no answer in time", null, now);
        else
            Resume(now);
    }

    /// <summary>
    /// Takes a newer form of an object from the answer to a request. <paramref name="basedOn"/> is the version that was pictured when the
    /// request was made, null for none: if the watch has brought another one since, the watch is as new as the answer, and the answer is
    /// dropped.
    /// </summary>
    public void Absorb(T fresh, string? basedOn)
    {
        if (_objects.GetValueOrDefault(fresh.Key)?.Metadata.ResourceVersion != basedOn ||
            fresh.Metadata.ResourceVersion is not { } version || version == basedOn)
            return;
        Put(fresh);
        _absorbed[fresh.Key] = version;
    }

    /// <summary>
    /// The server answered somebody else of this node: if this reflector waits only because nobody answered, it tries again soon, not when
    /// its long wait is over.
    /// </summary>
    public void Hasten(Instant now)
    {
        var soon = now + _random.Between(TimeSpan.Zero, LongestHaste);
        if (_step == Step.Waiting && _isUnanswered && soon < _deadline)
            _deadline = soon;
    }

    /// <summary>
    /// Begins a new list unless the last one, or the one under way, was begun after a request. The present picture stays in use until the
    /// list is complete.
    /// </summary>
    public void Relist(long since, Instant now)
    {
        if (ListedSince > since || (_step == Step.Listing && _listBegan > since))
            return;
        ForgetVersion();
        if (_step != Step.Waiting)
        {
            GiveUpRequest();
            SendList(now);
        }
        else if (!_failing)
        {
            _deadline = now;
        }
    }

    private void Resume(Instant now)
    {
        if (_version is null)
            SendList(now);
        else
            SendWatch(now);
    }

    private void SendList(Instant now)
    {
        if (_continue is null)
        {
            _incoming = [];
            _incomingFaults = [];
        }
        Begin(Step.Listing, now, ListDeadline);
        if (_continue is null)
            _listBegan = _request;
        Send(new KubeRequest
        {
            Id = _request,
            Verb = KubeVerb.List,
            Resource = _kind.Resource,
            Namespace = _options.Namespace,
            LabelSelector = _options.LabelSelector,
            FieldSelector = _options.FieldSelector,
            PageSize = PageSize,
            Continue = _continue,
        });
    }

    private void SendWatch(Instant now)
    {
        var timeout = TimeSpan.FromSeconds(Math.Floor(_random.Between(ShortestWatchTimeout, LongestWatchTimeout).TotalSeconds));
        Begin(Step.Watching, now, timeout + WatchGrace);
        Send(new KubeRequest
        {
            Id = _request,
            Verb = KubeVerb.Watch,
            Resource = _kind.Resource,
            Namespace = _options.Namespace,
            LabelSelector = _options.LabelSelector,
            FieldSelector = _options.FieldSelector,
            ResourceVersion = _version,
            WatchTimeout = timeout,
        });
    }

    private void Begin(Step step, Instant now, TimeSpan time)
    {
        _step = step;
        _stepSince = now;
        _deadline = now + time;
        _request = _ids.Next();
    }

    private void OnPage(KubeResponse response, Instant now)
    {
        if (_kind.ReadPage(response.Body, _strings, out var problem) is not { } page)
        {
            Fail(problem, null, now);
            return;
        }
        foreach (var item in page.Items)
            _incoming![item.Key] = item;
        foreach (var fault in page.Faults)
            _incomingFaults[fault.Key] = fault;
        _continue = page.Continue;
        if (_continue is not null)
        {
            SendList(now);
            return;
        }
        _version = page.ResourceVersion;
        ListedSince = _listBegan;
        Replace();
        Recover();
        _outputs.Enqueue(new ReflectorOutput<T>.WriteLog(ReflectorLog.Listed(_kind.Resource, _objects.Count)));
        if (!IsSynced)
        {
            IsSynced = true;
            _outputs.Enqueue(new ReflectorOutput<T>.Synced());
        }
        SendWatch(now);
    }

    private void Replace()
    {
        _absorbed.Clear();
        foreach (var key in new List<ObjectKey>(_objects.Keys))
        {
            if (!_incoming!.ContainsKey(key) && !_incomingFaults.ContainsKey(key))
                Remove(key);
        }
        foreach (var item in _incoming!.Values)
            Put(item);
        foreach (var (key, _) in new SortedDictionary<ObjectKey, JsonFault>(_faults))
        {
            if (!_incomingFaults.ContainsKey(key))
                Remove(key);
        }
        foreach (var fault in _incomingFaults.Values)
            Keep(fault);
        _incoming = null;
        _incomingFaults = [];
    }

    private void OnLine(WatchLine<T> line, Instant now)
    {
        if (line.ResourceVersion is { Length: > 0 } version)
            _version = version;
        Progress(line.Kind is not (WatchLineKind.Error or WatchLineKind.Garbage), now);
        switch (line.Kind)
        {
            case WatchLineKind.Changed when line.Object is { } item:
                if (!IsPassedOver(item))
                    Put(item);
                break;
            case WatchLineKind.Changed:
                Keep(line.Fault!);
                break;
            case WatchLineKind.Deleted when line.Object is { } gone && IsSucceeded(gone):
                break;
            case WatchLineKind.Deleted:
                Remove(line.Object?.Key ?? line.Fault!.Key);
                break;
            case WatchLineKind.Error:
                GiveUpRequest();
                OnStatus(line.Status!, line.Status!.RetryAfter, now);
                break;
            case WatchLineKind.Garbage:
                // A line that says nothing may have been about any object, so only a new list can tell what is true.
                GiveUpRequest();
                ForgetVersion();
                Fail(line.Fault!.Problem, null, now);
                break;
        }
    }

    private void Progress(bool isGood, Instant now)
    {
        if (isGood)
        {
            _isGoneAgain = false;
            Recover();
        }
        if (now - _stepSince >= StableAfter)
            _failures = 0;
    }

    /// <summary>Whether a line only tells what the answer to the own write told: most lines of a busy writer, and cheaply found
    /// out.</summary>
    private bool IsOwnWrite(ReadOnlySpan<byte> line, Instant now)
    {
        if (_absorbed.Count == 0 || !WatchLinePeek.TryRead(line, out var key, out var version) ||
            !_absorbed.TryGetValue(key, out var awaited) || awaited != version)
            return false;
        _absorbed.Remove(key);
        _version = version;
        Progress(true, now);
        return true;
    }

    private bool IsPassedOver(T item)
    {
        if (!_absorbed.TryGetValue(item.Key, out var awaited))
            return false;
        if (item.Metadata.ResourceVersion == awaited)
            _absorbed.Remove(item.Key);
        return true;
    }

    /// <summary>Whether an answer told already of a later object of the same name than the one that a late line says is gone.</summary>
    private bool IsSucceeded(T gone) =>
        _absorbed.ContainsKey(gone.Key) && gone.Metadata.Uid is { } uid && Find(gone.Key)?.Metadata.Uid is { } present && present != uid;

    private void OnClosed(string reason, Instant now)
    {
        // Servers close watches all the time; only one that never got going hints at trouble.
        if (now - _stepSince >= HealthyWatch)
        {
            if (now - _stepSince >= StableAfter)
                _failures = 0;
            _isGoneAgain = false;
            SendWatch(now);
        }
        else
            Wait(null, now, reason.Length == 0 ? "the watch was closed at once" : reason);
    }

    private void OnRefused(KubeResponse response, Instant now)
    {
        _isUnanswered = response.StatusCode == 0;
        var status = KubeStatus.Read(response.Body);
        var problem = response.Failure ?? (status.Message.Length > 0 ? status.Message : "no reason given");
        if (response.StatusCode != 0)
            problem = $"status {response.StatusCode}: {problem}";
        var asked = response.RetryAfter ?? status.RetryAfter;
        OnStatus(status with { Code = response.StatusCode, Message = problem }, asked, now);
    }

    private void OnStatus(KubeStatus status, TimeSpan? asked, Instant now)
    {
        if (!status.IsGone)
        {
            Fail(status.Message.Length > 0 ? status.Message : status.Reason, asked, now);
            return;
        }
        _outputs.Enqueue(new ReflectorOutput<T>.WriteLog(ReflectorLog.Expired(_kind.Resource)));
        ForgetVersion();
        // The first 410 is ordinary, after an outage too, and answered at once; a server that keeps saying it is given time.
        if (!_isGoneAgain || now - _stepSince >= HealthyWatch)
        {
            _isGoneAgain = true;
            SendList(now);
        }
        else
            Wait(asked, now, "410 Gone again and again");
    }

    private void ForgetVersion() => (_version, _continue) = (null, null);

    private void Fail(string problem, TimeSpan? asked, Instant now)
    {
        _continue = null;
        Wait(asked, now, problem);
    }

    private void Wait(TimeSpan? asked, Instant now, string problem)
    {
        // Between half and all of the wait at random, so that the nodes of a cluster do not come back together.
        var wait = Delay.After(++_failures) * (0.5 + 0.5 * _random.NextDouble());
        if (asked is { } least && least > wait)
            wait = (least < LongestAsked ? least : LongestAsked) * (1 + 0.1 * _random.NextDouble());
        _step = Step.Waiting;
        _deadline = now + wait;
        if (_failing)
            return;
        _failing = true;
        _outputs.Enqueue(new ReflectorOutput<T>.WriteLog(ReflectorLog.Unreachable(_kind.Resource, problem)));
    }

    private void Recover()
    {
        _isUnanswered = false;
        if (!_failing)
            return;
        _failing = false;
        _outputs.Enqueue(new ReflectorOutput<T>.WriteLog(ReflectorLog.Reachable(_kind.Resource)));
    }

    private void GiveUpRequest()
    {
        _outputs.Enqueue(new ReflectorOutput<T>.CancelRequest(_request));
        _request = 0;
    }

    private void Put(T item)
    {
        _faults.Remove(item.Key);
        var before = _objects.GetValueOrDefault(item.Key);
        if (before is not null && before.Metadata.ResourceVersion == item.Metadata.ResourceVersion)
            return;
        _objects[item.Key] = item;
        _outputs.Enqueue(new ReflectorOutput<T>.Changed(item.Key, before, item));
    }

    private void Remove(ObjectKey key)
    {
        _absorbed.Remove(key);
        var wasUnreadable = _faults.Remove(key);
        if (_objects.Remove(key, out var before) || wasUnreadable)
            _outputs.Enqueue(new ReflectorOutput<T>.Changed(key, before, null));
    }

    private void Keep(JsonFault fault)
    {
        if (_faults.TryGetValue(fault.Key, out var known) && known == fault)
            return;
        _faults[fault.Key] = fault;
        _outputs.Enqueue(new ReflectorOutput<T>.WriteLog(ReflectorLog.Unreadable(fault)));
        _outputs.Enqueue(new ReflectorOutput<T>.Faulted(fault));
    }

    private void Send(KubeRequest request) => _outputs.Enqueue(new ReflectorOutput<T>.SendRequest(request));
}
