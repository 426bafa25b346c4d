using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Kube.Watch;

/// <summary>
/// Keys that need work. A key is in the queue once, however often it is marked; it comes out in the order of marking. A key whose work
/// failed comes back after a back-off that doubles with each failure in a row, and earlier when it is marked again. The queue is bounded by
/// the number of distinct keys, that is by the objects of the cluster, and holds nothing but keys.
/// </summary>
/// <typeparam name="TKey">What names a piece of work.</typeparam>
public sealed class WorkQueue<TKey>(BackOff backOff)
    where TKey : struct, IComparable<TKey>
{
    private readonly LinkedList<TKey> _order = new();
    private readonly SortedDictionary<TKey, LinkedListNode<TKey>> _ready = [];
    private readonly SortedDictionary<TKey, Failure> _failures = [];
    private readonly SortedSet<(Instant Due, TKey Key)> _waiting = [];

    /// <summary>5 ms doubling to a minute.</summary>
    public WorkQueue()
        : this(new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(1)))
    {
    }

    /// <summary>How many keys are ready now.</summary>
    public int ReadyCount => _ready.Count;

    /// <summary>How many keys wait for their back-off.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>When the next waiting key becomes ready; null when none waits.</summary>
    public Instant? NextDeadline => _waiting.Count == 0 ? null : _waiting.Min.Due;

    /// <summary>Marks a key: it is worked on as soon as those before it are done.</summary>
    public void Mark(TKey key)
    {
        if (_ready.ContainsKey(key))
            return;
        _ready.Add(key, _order.AddLast(key));
        StopWaiting(key);
    }

    /// <summary>Says that the key's work failed: it comes back later, the later the more often it failed in a row.</summary>
    public void Retry(TKey key, Instant now)
    {
        var count = (_failures.TryGetValue(key, out var failure) ? failure.Count : 0) + 1;
        StopWaiting(key);
        var due = now + backOff.After(count);
        _failures[key] = new(count, due);
        if (!_ready.ContainsKey(key))
            _waiting.Add((due, key));
    }

    /// <summary>Says that the key's work succeeded, or that there is none any more: its failures are forgotten.</summary>
    public void Forget(TKey key)
    {
        StopWaiting(key);
        _failures.Remove(key);
    }

    /// <summary>Makes keys ready whose back-off has passed.</summary>
    public void Advance(Instant now)
    {
        while (_waiting.Count > 0 && _waiting.Min.Due <= now)
            Mark(_waiting.Min.Key);
    }

    /// <summary>Takes the key that has been ready longest.</summary>
    public bool TryTake(out TKey key)
    {
        key = default;
        if (_order.First is not { } first)
            return false;
        key = first.Value;
        _order.RemoveFirst();
        _ready.Remove(key);
        return true;
    }

    private void StopWaiting(TKey key)
    {
        if (_failures.TryGetValue(key, out var failure))
            _waiting.Remove((failure.Due, key));
    }

    private readonly record struct Failure(int Count, Instant Due);
}
