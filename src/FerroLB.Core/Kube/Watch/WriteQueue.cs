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
/// The queue is bounded by <see cref="Capacity"/> targets; a wish beyond that is completed as <see cref="WriteResult.Overflowed"/> at once,
/// and the node comes back to it later, since its key stays dirty.
/// </summary>
public sealed class WriteQueue(RequestIds ids, int mostInFlight = 32) : IMachine<WriteInput, WriteOutput>
{
    /// <summary>Most targets that wait or are in flight.</summary>
    public const int Capacity = 100_000;

    private static readonly BackOff Delay = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));

    private readonly SortedDictionary<string, Target> _targets = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, Target> _inFlight = [];
    private readonly Queue<Target> _ready = new();
    private readonly SortedSet<(Instant Due, string Name)> _delayed = new(ByDueThenName);
    private readonly Queue<WriteOutput> _outputs = new();

    private static readonly IComparer<(Instant Due, string Name)> ByDueThenName = Comparer<(Instant Due, string Name)>.Create((a, b) =>
    {
        var byDue = a.Due.CompareTo(b.Due);
        return byDue != 0 ? byDue : string.CompareOrdinal(a.Name, b.Name);
    });

    /// <summary>How many writes are in flight.</summary>
    public int InFlightCount => _inFlight.Count;

    /// <summary>Whether nothing waits and nothing is in flight.</summary>
    public bool IsIdle => _targets.Count == 0;

    /// <inheritdoc/>
    public Instant? NextDeadline => _delayed.Count == 0 ? null : _delayed.Min.Due;

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
        {
            var target = _targets[_delayed.Min.Name];
            _delayed.Remove(_delayed.Min);
            target.Due = null;
            _ready.Enqueue(target);
        }
        while (_inFlight.Count < mostInFlight && _ready.TryDequeue(out var next))
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
        if (_targets.Count >= Capacity)
        {
            _outputs.Enqueue(new WriteOutput.Complete(name, WriteResult.Overflowed, null));
            return;
        }
        target = new(name) { Wish = request };
        _targets.Add(name, target);
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
        if (response.StatusCode is 0 or 429 or >= 500)
        {
            target.Failures++;
            target.Wish ??= target.Sent;
            target.Due = now + (response.RetryAfter ?? Delay.After(target.Failures));
            _delayed.Add((target.Due.Value, target.Name));
            return;
        }
        target.Failures = 0;
        if (target.Wish is null)
            _targets.Remove(target.Name);
        else
            _ready.Enqueue(target);
        _outputs.Enqueue(new WriteOutput.Complete(target.Name, ResultOf(response.StatusCode), response));
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

        /// <summary>When it is sent again.</summary>
        public Instant? Due { get; set; }
    }
}
