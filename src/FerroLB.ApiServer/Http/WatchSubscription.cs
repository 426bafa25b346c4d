using System;
using System.Threading.Channels;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// One client's watch, between the store loop, which fills it, and the request that sends it. It holds a bounded number of lines; when the
/// client is slower, further changes wait in the store's history, and a client that falls behind that gets ERROR 410 and lists anew.
/// </summary>
internal sealed class WatchSubscription
{
    private const int Capacity = 512;
    private readonly ApiWatch _watch;
    private readonly Channel<ReadOnlyMemory<byte>> _lines =
        Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });
    private volatile bool _abandoned;
    private volatile bool _wasFull;

    /// <summary>Wraps a watch of the store.</summary>
    public WatchSubscription(ApiWatch watch) => _watch = watch;

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
        while (_lines.Reader.Count < Capacity && _watch.TryTake(out ReadOnlyMemory<byte> line, utcNow))
            _lines.Writer.TryWrite(line);
        _wasFull = _lines.Reader.Count >= Capacity;
        if (!_watch.Closed)
            return true;
        _lines.Writer.TryComplete();
        return false;
    }
}
