using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace FerroLB.Runtime.Loop;

/// <summary>
/// The bounded queue in front of a node's loop. Many write, one thread reads. When it is full, writers wait: a watch then stops reading its
/// connection, and TCP holds the API server back.
/// </summary>
/// <typeparam name="T">What is queued.</typeparam>
internal sealed class InputQueue<T>(int capacity) : IDisposable
{
    private const double LongestWaitMilliseconds = 3_600_000;

    private readonly Lock _gate = new();
    private readonly Queue<T> _items = new();
    private readonly SemaphoreSlim _free = new(capacity);
    private readonly ManualResetEventSlim _filled = new(false, spinCount: 0);

    /// <summary>Appends an item once there is room.</summary>
    public async ValueTask PostAsync(T item, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        Append(item);
    }

    /// <summary>Takes up to <paramref name="most"/> items; waits at most so long for the first one, null for ever.</summary>
    public void Take(List<T> taken, int most, TimeSpan? patience)
    {
        // The wait counts whole milliseconds: rounding down would spin through the last one.
        var milliseconds = Math.Min(LongestWaitMilliseconds, Math.Ceiling((patience ?? TimeSpan.MaxValue).TotalMilliseconds));
        if (milliseconds > 0)
            _filled.Wait((int)milliseconds);
        lock (_gate)
        {
            while (taken.Count < most && _items.TryDequeue(out var item))
                taken.Add(item);
            if (_items.Count == 0)
                _filled.Reset();
        }
        if (taken.Count > 0)
            _free.Release(taken.Count);
    }

    /// <summary>Makes a waiting <see cref="Take"/> return although there is no item.</summary>
    public void Wake() => _filled.Set();

    /// <inheritdoc/>
    public void Dispose()
    {
        _free.Dispose();
        _filled.Dispose();
    }

    private void Append(T item)
    {
        lock (_gate)
        {
            _items.Enqueue(item);
            _filled.Set();
        }
    }
}
