using System;
using System.Threading.Channels;
using System.Threading.Tasks;
using FerroLB.ApiServer.Store;
using FerroLB.ApiServer.Store.Calls;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// One client's watch, between the store loop, which fills it, and the request that sends it. It holds a bounded number of lines; when the
/// client is slower, further changes wait in the store's history, and a client that falls behind that gets ERROR 410 and lists anew.
/// </summary>
internal sealed class WatchSubscription
{
    private const int Capacity = 512;
    private readonly ApiWatch _watch;
    private readonly Func<ExternalCall, Task<ExternalAnswer>> _call;
    private readonly Action _wake;
    private Task<ExternalAnswer>? _calling;
    private readonly Channel<ReadOnlyMemory<byte>> _lines =
        Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });
    private volatile bool _abandoned;
    private volatile bool _wasFull;

    /// <summary>Wraps a watch of the store.</summary>
    /// <param name="watch">The watch.</param>
    /// <param name="call">Asks the conversion webhook on which the watch waits; never fails.</param>
    /// <param name="wake">Asks the store loop for another <see cref="Pump"/>; may be called from any thread.</param>
    public WatchSubscription(ApiWatch watch, Func<ExternalCall, Task<ExternalAnswer>> call, Action wake) =>
        (_watch, _call, _wake) = (watch, call, wake);

    /// <summary>Lines of JSON without line end; complete when the watch ended.</summary>
    public ChannelReader<ReadOnlyMemory<byte>> Lines => _lines.Reader;

    /// <summary>Whether lines had to wait for room, so that a reader who made some should wake the loop.</summary>
    public bool WasFull => _wasFull;

    /// <summary>The client went away. May be called from any thread.</summary>
    public void Abandon() => _abandoned = true;

    /// <summary>Moves what the store has into the channel. Called by the store loop alone; false when the watch is over.</summary>
    public bool Pump(DateTimeOffset utcNow)
    {
        if (_abandoned)
            _watch.Close();
        if (_calling is { IsCompleted: true })
        {
            // Whatever became of the call, the loop goes on.
            _watch.Accept(_calling.IsCompletedSuccessfully ? _calling.Result : ExternalAnswer.Failed("the call was given up"));
            _calling = null;
        }
        while (_lines.Reader.Count < Capacity && _watch.TryTake(out ReadOnlyMemory<byte> line, utcNow))
            _lines.Writer.TryWrite(line);
        if (_calling is null && !_watch.Closed && _watch.NeededCall is { } needed)
        {
            _calling = _call(needed);
            _calling.ContinueWith(_ => _wake(), TaskScheduler.Default);
        }
        _wasFull = _lines.Reader.Count >= Capacity;
        if (!_watch.Closed)
            return true;
        _lines.Writer.TryComplete();
        return false;
    }
}
