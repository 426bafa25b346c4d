using System;
using System.Threading;

namespace FerroLB.Runtime.Loop;

/// <summary>
/// Gives back the memory that a burst of work has left behind. The collector by itself works only while there is something to do, so a
/// process that has read a large cluster and then rests would keep for ever what that took. When more than <see cref="BurstBytes"/> were
/// allocated since the last time and then hardly anything for one period, the heap is collected, compacted and shrunk; and once more
/// after <see cref="SecondAfter"/> further periods of rest, because the runtime's pools of buffers give up only what a collection finds
/// unused for a minute. A collection stops every thread, for about <see cref="Pause"/> where there is much, so whoever must not be silent
/// for that long says so before each.
/// </summary>
public sealed class HeapTrim : IDisposable
{
    /// <summary>What must have been allocated to be worth a collection.</summary>
    public const long BurstBytes = 32 << 20;

    /// <summary>What may be allocated in a period that counts as rest.</summary>
    public const long RestBytes = 1 << 20;

    /// <summary>Periods between the two collections.</summary>
    public const int SecondAfter = 7;

    /// <summary>What a collection is expected to take where there is much: with the picture of ten thousand Services 44 milliseconds were
    /// measured on the average, and 71 at most. No promise: more Services, or a machine with other work, take longer.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Func<long> _readAllocated;
    private readonly Action _collect;
    private readonly Func<bool> _mayStop;
    private Timer? _timer;
    private long _seen;
    private long _trimmedAt;
    private int _periodsLeft;

    /// <summary>Prepares; <see cref="Start"/> starts.</summary>
    /// <param name="readAllocated">Reads how many bytes were allocated since the process started.</param>
    /// <param name="collect">Collects the heap and gives back what is free.</param>
    /// <param name="mayStop">Whether every thread may stand still for <see cref="Pause"/> now.</param>
    public HeapTrim(Func<long> readAllocated, Action collect, Func<bool> mayStop) =>
        (_readAllocated, _collect, _mayStop) = (readAllocated, collect, mayStop);

    /// <summary>Prepares for this process's own heap.</summary>
    /// <param name="mayStop">Whether every thread may stand still for <see cref="Pause"/> now.</param>
    public HeapTrim(Func<bool> mayStop)
        : this(
            () => GC.GetTotalAllocatedBytes(),
            () => GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true),
            mayStop)
    {
    }

    /// <summary>Looks every ten seconds from now on.</summary>
    public void Start() => _timer ??= new(_ => Look(), null, Period, Period);

    /// <summary>Ends a period: collects when it was one of rest after a burst.</summary>
    public void Look()
    {
        var allocated = _readAllocated();
        var isRest = allocated - _seen <= RestBytes;
        var isBurst = allocated - _trimmedAt >= BurstBytes;
        if (isRest && (isBurst || _periodsLeft == 1) && _mayStop())
        {
            _collect();
            allocated = _trimmedAt = _readAllocated();
            _periodsLeft = isBurst ? SecondAfter : 0;
        }
        else if (isRest && _periodsLeft > 1)
        {
            _periodsLeft--;
        }
        _seen = allocated;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();
}
