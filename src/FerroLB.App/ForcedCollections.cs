using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using FerroLB.Core.Status;

namespace FerroLB.App;

/// <summary>
/// A switch for tests: collects the whole heap again and again, which stops every thread for a moment, to show what that does to answers
/// and timers. Says once a minute how long it took.
/// </summary>
internal sealed class ForcedCollections : IDisposable
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);

    private readonly Action<LogEvent> _writeLog;
    private readonly Timer? _timer;
    private readonly Stopwatch _sinceTold = Stopwatch.StartNew();
    private TimeSpan _total;
    private TimeSpan _longest;
    private int _count;

    /// <summary>Starts.</summary>
    /// <param name="interval">How often; zero for never.</param>
    /// <param name="writeLog">Takes what there is to say.</param>
    public ForcedCollections(TimeSpan interval, Action<LogEvent> writeLog)
    {
        _writeLog = writeLog;
        if (interval > TimeSpan.Zero)
            _timer = new(_ => Collect(), null, interval, interval);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void Collect()
    {
        var before = GC.GetTotalPauseDuration();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        var pause = GC.GetTotalPauseDuration() - before;
        _total += pause;
        _longest = pause > _longest ? pause : _longest;
        _count++;
        if (_sinceTold.Elapsed < TellEvery)
            return;
        _writeLog(new(
            LogLevel.Info, "the heap was collected for a test", new LogField("count", _count.ToString(CultureInfo.InvariantCulture)),
            new LogField("meanMilliseconds", Milliseconds(_total / _count)), new LogField("longestMilliseconds", Milliseconds(_longest))));
        (_count, _total, _longest) = (0, TimeSpan.Zero, TimeSpan.Zero);
        _sinceTold.Restart();
    }

    private static string Milliseconds(TimeSpan span) => span.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture);
}
