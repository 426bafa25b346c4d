using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Kube.Watch;

/// <summary>
/// Sends writes to the API: many at once, never two for one object.
///
/// A node submits a wish for a target ("services/shop/web/status"). The wish waits for a free place, or for the write of the same target
/// that is in flight; a newer wish for the same target replaces one that still waits. When a place is free the request leaves with a fresh
/// id. What the server answers decides:
/// <list type="bullet">
/// <item>2xx: the write is complete, and the node is told with the answer.</item>
/// <item>429, 5xx, or no answer at all: the same wish is sent again after Retry-After or a doubling back-off, unless a newer one has come.
/// A write that was carried out although its answer was lost is caught by the precondition in its body.</item>
/// <item>409, 404 and other refusals: nothing that repeating could mend. The node is told, and decides on the object as it is now.</item>
/// </list>
/// There is no limit of the rate but the number in flight. A server that asks for time (429, Retry-After) or does not answer holds up the
/// whole queue, though, for what it asks or for a doubling wait of at most <see cref="LongestHold"/>; then a single write goes ahead, and
/// each success allows one more at a time. So a server that comes back after an hour meets one request and not a thousand.
///
/// The queue is bounded by its capacity in targets; a wish beyond that is completed as <see cref="WriteResult.Overflowed"/> at once, and
/// the node comes back to it later, since its key stays dirty. A node that looks at <see cref="ReadyCount"/> before it wishes more
/// keeps the queue short.
/// </summary>
public sealed class WriteQueue(RequestIds ids, int mostInFlight = 32, int capacity = WriteQueue.DefaultCapacity)
    : IMachine<WriteInput, WriteOutput>
{
    /// <summary>Most targets that wait or are in flight, unless said otherwise.</summary>
    public const int DefaultCapacity = 100_000;

    /// <summary>The longest time without any attempt while the server does not answer.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    private static readonly BackOff Delay = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
    private static readonly BackOff Hold = new(TimeSpan.FromMilliseconds(200), LongestHold);

    private readonly SortedDictionary<string, Target> _targets = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, Target> _inFlight = [];
    private readonly Queue<Target> _ready = new();
    private readonly SortedSet<(Instant Due, string Name)> _delayed = new(ByDueThenName);
    private readonly Queue<WriteOutput> _outputs = new();
    private int _window = int.MaxValue;
    private int _holds;
    private Instant? _heldUntil;

    private static readonly IComparer<(Instant Due, string Name)> ByDueThenName = Comparer<(Instant Due, string Name)>.Create((a, b) =>
    {
        var byDue = a.Due.CompareTo(b.Due);
        return byDue != 0 ? byDue : string.CompareOrdinal(a.Name, b.Name);
    });

    /// <summary>Most writes in flight; at least one. A lower number takes effect as answers come.</summary>
    public int MostInFlight { get; set; } = mostInFlight;

    /// <summary>How many writes are in flight.</summary>
    public int InFlightCount => _inFlight.Count;

    /// <summary>How many wait for a place and for nothing else.</summary>
    public int ReadyCount => _ready.Count;

    /// <summary>Whether nothing waits and nothing is in flight.</summary>
    public bool IsIdle => _targets.Count == 0;

    /// <inheritdoc/>
    public Instant? NextDeadline
    {
        get
        {
            Instant? due = _delayed.Count == 0 ? null : _delayed.Min.Due;
            if (_heldUntil is not { } held)
                return due;
            return _ready.Count > 0 || due < held ? held : due;
        }
    }

    /// <summary>Whether a write of the target waits or is in flight.</summary>
    public bool IsBusy(string target) => _targets.ContainsKey(target);

    /// <summary>Whether an answer belongs to a write of this queue.</summary>
    public bool Owns(long requestId) => _inFlight.ContainsKey(requestId);

    /// <inheritdoc/>
    public void Handle(in WriteInput input, Instant now)
    {
        switch (input)
        {
            case WriteInput.Submitted submitted:
                Submit(submitted.Target, submitted.Request);
                break;
            case WriteInput.Responded responded when _inFlight.Remove(responded.Response.Id, out var target):
                HandleAnswer(target, responded.Response, now);
                break;
        }
        Advance(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        while (_delayed.Count > 0 && _delayed.Min.Due <= now)
            MakeReady(_targets[_delayed.Min.Name]);
        if (_heldUntil > now)
            return;
        _heldUntil = null;
        while (_inFlight.Count < Math.Min(_window, MostInFlight) && _ready.TryDequeue(out var next))
            Send(next);
    }

    /// <inheritdoc/>
    public bool TryTake(out WriteOutput output) => _outputs.TryDequeue(out output!);

    private void Submit(string name, KubeRequest request)
    {
        if (_targets.TryGetValue(name, out var target))
        {
            target.Wish = request;
            return;
        }
        if (_targets.Count >= capacity)
        {
            _outputs.Enqueue(new WriteOutput.Complete(name, WriteResult.Overflowed, null));
            return;
        }
        target = new(name) { Wish = request };
        _targets.Add(name, target);
        _ready.Enqueue(target);
    }

    private void MakeReady(Target target)
    {
        _delayed.Remove((target.Due!.Value, target.Name));
        target.Due = null;
        _ready.Enqueue(target);
    }

    private void Send(Target target)
    {
        target.Sent = target.Wish! with { Id = ids.Next() };
        target.Wish = null;
        _inFlight.Add(target.Sent.Id, target);
        _outputs.Enqueue(new WriteOutput.Send(target.Sent));
    }

    private void HandleAnswer(Target target, KubeResponse response, Instant now)
    {
        target.IsUnanswered = response.StatusCode == 0;
        if (response.StatusCode is 0 or 429 or >= 500)
        {
            target.Failures++;
            target.Wish ??= target.Sent;
            target.Due = now + (response.RetryAfter ?? Delay.After(target.Failures));
            _delayed.Add((target.Due.Value, target.Name));
            if (response.StatusCode is 0 or 429 || response.RetryAfter is not null)
                HoldUp(response.RetryAfter, now);
            return;
        }
        Open(now);
        var result = ResultOf(response.StatusCode);
        var isUnsure = result == WriteResult.Refused && target.Failures > 0;
        target.Failures = 0;
        if (target.Wish is null)
            _targets.Remove(target.Name);
        else
            _ready.Enqueue(target);
        _outputs.Enqueue(new WriteOutput.Complete(target.Name, result, response, isUnsure));
    }

    private void HoldUp(TimeSpan? asked, Instant now)
    {
        // Those that left together fail together, and count once.
        if (_heldUntil is null)
            _holds++;
        var until = now + (asked ?? Hold.After(_holds));
        if (_heldUntil is null || until > _heldUntil)
            _heldUntil = until;
        _window = 1;
    }

    /// <summary>The server answers: what only waited for that need not wait any longer.</summary>
    private void Open(Instant now)
    {
        if (_window < int.MaxValue)
            _window++;
        if (_holds == 0 || _heldUntil > now)
            return;
        _holds = 0;
        foreach (var (_, name) in new List<(Instant Due, string Name)>(_delayed))
        {
            if (_targets[name] is { IsUnanswered: true } target)
                MakeReady(target);
        }
    }

    private static WriteResult ResultOf(int statusCode) => statusCode switch
    {
        >= 200 and < 300 => WriteResult.Written,
        404 => WriteResult.Gone,
        409 => WriteResult.Conflicted,
        _ => WriteResult.Refused,
    };

    private sealed class Target(string name)
    {
        public string Name { get; } = name;

        /// <summary>What to send next; null when nothing newer than what is in flight.</summary>
        public KubeRequest? Wish { get; set; }

        /// <summary>What was sent last.</summary>
        public KubeRequest? Sent { get; set; }

        /// <summary>Failures in a row.</summary>
        public int Failures { get; set; }

        /// <summary>Whether the last attempt stayed without an answer.</summary>
        public bool IsUnanswered { get; set; }

        /// <summary>When it is sent again.</summary>
        public Instant? Due { get; set; }
    }
}
