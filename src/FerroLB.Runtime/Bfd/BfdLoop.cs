using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;
using FerroLB.Runtime.Loop;

namespace FerroLB.Runtime.Bfd;

/// <summary>
/// Runs a <see cref="BfdEngineMachine"/> on a thread of its own.
/// <code>
/// UDP sockets --datagrams, in batches--\
///                                       Handle --> datagrams --> UDP sockets
/// control loop --wishes--(eventfd)-----/      \--> changes of state
/// </code>
/// The thread waits in ppoll for a datagram, a wish or the next deadline. Sockets are emptied before anything that is due is done, so
/// that a late wake-up alone takes no session down. Nothing is allocated per packet.
/// </summary>
public sealed unsafe class BfdLoop : IDisposable
{
    private const int WishCapacity = 16 * 1024;
    private static readonly TimeSpan SnapshotInterval = TimeSpan.FromSeconds(1);

    private readonly BfdEngineMachine _engine;
    private readonly Action<BfdStateChange> _tell;
    private readonly Action<string> _warn;
    private readonly Action<IReadOnlyList<BfdSessionSnapshot>>? _show;
    private readonly Action<BfdInput> _take;
    private readonly BfdSockets _sockets = new();
    private readonly WakeEvent _wake = new();
    private readonly Queue<BfdInput> _wishes = new();
    private readonly LoopThread _thread = new("bfd", isUrgent: true);
    private PollSlot[] _slots = [];
    private Instant _now;
    private Instant _snapshotDue;
    private volatile IReadOnlyList<BfdSessionSnapshot> _snapshot = [];
    private volatile bool _isStopping;

    /// <summary>Makes the loop; <see cref="Start"/> starts the thread.</summary>
    /// <param name="seed">Decides all that is drawn at random.</param>
    /// <param name="tell">Takes a change of state, on the loop's thread; must not wait.</param>
    /// <param name="warn">Takes words about a socket that could not be opened, on the loop's thread; must not wait.</param>
    /// <param name="show">Takes every new picture of <see cref="Sessions"/>, on the loop's thread; must not wait.</param>
    public BfdLoop(
        ulong seed, Action<BfdStateChange> tell, Action<string> warn, Action<IReadOnlyList<BfdSessionSnapshot>>? show = null)
    {
        _engine = new(new SeededRandom(seed));
        (_tell, _warn, _show) = (tell, warn, show);
        _take = Take;
    }

    /// <summary>Completes when the loop has ended.</summary>
    public Task<LoopEnd> Completion => _thread.Completion;

    /// <summary>All sessions after the last change of state, or a second ago.</summary>
    public IReadOnlyList<BfdSessionSnapshot> Sessions => _snapshot;

    /// <summary>Starts the thread. Sockets are opened in the network namespace of the thread that calls this.</summary>
    public void Start() => _thread.Start(Run);

    /// <summary>Hands a wish to the machine: SessionWanted, SessionUnwanted, ShutdownRequested. Waits when very many were not taken
    /// yet.</summary>
    public void Post(in BfdInput wish)
    {
        lock (_wishes)
        {
            while (_wishes.Count >= WishCapacity && !_isStopping)
                Monitor.Wait(_wishes);
            _wishes.Enqueue(wish);
        }
        _wake.Raise();
    }

    /// <summary>Asks the loop to end; <see cref="Completion"/> tells when it did.</summary>
    public void Stop()
    {
        _isStopping = true;
        lock (_wishes)
            Monitor.PulseAll(_wishes);
        _wake.Raise();
    }

    /// <summary>Closes the sockets; the loop must have ended.</summary>
    public void Dispose()
    {
        _sockets.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!_isStopping)
            Step();
    }

    private void Step()
    {
        Wait();
        _now = MonotonicClock.Now;
        for (var i = 1; i < _slots.Length; i++)
        {
            if (_slots[i].Returned != 0)
                _sockets.Receive(_sockets.Listeners[i - 1], _take);
        }
        if (_slots[0].Returned != 0)
            TakeWishes();
        _engine.Advance(_now);
        Drain();
        if (_now < _snapshotDue)
            return;
        _snapshot = _engine.Sessions;
        _snapshotDue = _now + SnapshotInterval;
        _show?.Invoke(_snapshot);
    }

    private void Wait()
    {
        if (_slots.Length != 1 + _sockets.Listeners.Count)
            ListSockets();
        var time = default(TimeSpec);
        var deadline = _engine.NextDeadline;
        if (deadline is { } due)
        {
            var ticks = Math.Max(0, (due - MonotonicClock.Now).Ticks);
            time = new() { Seconds = ticks / TimeSpan.TicksPerSecond, Nanoseconds = ticks % TimeSpan.TicksPerSecond * 100 };
        }
        fixed (PollSlot* slots = _slots)
        {
            var count = Libc.Poll(slots, (ulong)_slots.Length, deadline is null ? null : &time, null);
            if (count < 0 && Marshal.GetLastPInvokeError() is not (Libc.ErrorInterrupted or Libc.ErrorAgain))
                throw LinuxException.FromLastError("wait for BFD packets");
            for (var i = 0; count < 0 && i < _slots.Length; i++)
                _slots[i].Returned = 0;
        }
    }

    private void ListSockets()
    {
        _slots = new PollSlot[1 + _sockets.Listeners.Count];
        _slots[0] = new() { Descriptor = _wake.Descriptor, Events = Libc.PollIn };
        for (var i = 1; i < _slots.Length; i++)
            _slots[i] = new() { Descriptor = _sockets.Listeners[i - 1].Descriptor, Events = Libc.PollIn };
    }

    private void TakeWishes()
    {
        _wake.Lower();
        while (true)
        {
            BfdInput wish;
            lock (_wishes)
            {
                if (!_wishes.TryDequeue(out wish))
                    return;
                Monitor.PulseAll(_wishes);
            }
            Take(wish);
        }
    }

    private void Take(BfdInput input)
    {
        _engine.Handle(input, _now);
        Drain();
    }

    private void Drain()
    {
        while (_engine.TryTake(out var output))
        {
            switch (output.Kind)
            {
                case BfdOutputKind.SendDatagram:
                    _sockets.Send(output);
                    break;
                case BfdOutputKind.OpenSocket:
                    Open(output);
                    break;
                case BfdOutputKind.CloseSocket:
                    _sockets.Close(output.Session);
                    _snapshotDue = _now;
                    break;
                case BfdOutputKind.TellState:
                    _snapshotDue = _now;
                    _tell(output.Change);
                    break;
            }
        }
    }

    private void Open(in BfdOutput order)
    {
        _snapshotDue = _now;
        try
        {
            _sockets.Open(order.Session, order.Options!);
        }
        catch (LinuxException e)
        {
            _warn($"no BFD with {order.Options!.Key.Peer} for now: {e.Message}");
            _engine.Handle(BfdInput.SocketFailed(order.Session), _now);
        }
    }
}
