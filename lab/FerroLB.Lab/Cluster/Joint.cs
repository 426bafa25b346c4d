using System;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>
/// The bounded queue between the two loops of a speaker: messages arrive in order, a little later. Running over is reported.
/// </summary>
public sealed class Joint<T>(VirtualWorld world, string name, Action<T> arrive) : IEventTarget
    where T : class
{
    /// <summary>The most messages that may be under way.</summary>
    public const int Capacity = 4_096;

    private static readonly TimeSpan LeastDelay = TimeSpan.FromMicroseconds(5);
    private static readonly TimeSpan MostDelay = TimeSpan.FromMicroseconds(500);

    private readonly SeededRandom _random = world.Random.Fork($"joint/{name}/{world.EventCount}");
    private Instant _lastArrival;
    private bool _isClosed;

    /// <summary>Messages under way.</summary>
    public int Waiting { get; private set; }

    /// <summary>Sends a message.</summary>
    public void Send(T message)
    {
        if (++Waiting > Capacity)
            world.Report("queues", $"{name}: more than {Capacity} messages between the loops");
        var at = world.Now + _random.Between(LeastDelay, MostDelay);
        _lastArrival = at > _lastArrival ? at : _lastArrival;
        world.At(_lastArrival, this, 0, message);
    }

    /// <summary>The process died: what is under way is lost.</summary>
    public void Close() => _isClosed = true;

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        Waiting--;
        if (!_isClosed)
            arrive((T)payload!);
    }
}
