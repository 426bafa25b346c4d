using System;
using System.Collections.Generic;
using System.Diagnostics;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Benchmarks;

/// <summary>
/// Asks who has an address by ARP or NDP, to the whole LAN as every host does, and counts the replies: a fixed number is kept outstanding,
/// each reply releasing the next request. A request that is lost is replaced after 50 ms without any reply. Made on a thread inside the
/// client's namespace.
/// </summary>
internal sealed unsafe class NeighborLoad : IDisposable
{
    private static readonly TimeSpan LossTimeout = TimeSpan.FromMilliseconds(50);

    private readonly int _linkIndex;
    private readonly NeighborWire _wire;
    private readonly int _socket;
    private readonly FrameReceiver _receiver = new();
    private readonly FrameSender _sender = new();
    private byte[] _request = [];

    /// <summary>Opens the sockets.</summary>
    /// <param name="linkIndex">The index of the client's interface.</param>
    /// <param name="wire">How the client asks.</param>
    public NeighborLoad(int linkIndex, NeighborWire wire)
    {
        (_linkIndex, _wire) = (linkIndex, wire);
        _socket = PacketSocket.Create();
        var local = PacketSocket.AddressOf(linkIndex, wire.EtherType);
        if (Libc.Bind(_socket, &local, (uint)sizeof(LinkSocketAddress)) != 0)
            throw new InvalidOperationException("cannot bind the load generator's socket");
    }

    /// <summary>Replies per second for one target, with so many requests outstanding.</summary>
    public double Rate(IpAddress target, int outstanding, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        var count = 0L;
        Run(target, outstanding, () => clock.Elapsed < duration, replies => count += replies);
        return count / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Round-trip times in microseconds, ascending, with one request outstanding.</summary>
    public List<double> RoundTrips(IpAddress target, int count)
    {
        var times = new List<double>(count);
        var sentAt = Stopwatch.GetTimestamp();
        Run(target, 1, () => times.Count < count, _ =>
        {
            var now = Stopwatch.GetTimestamp();
            times.Add(Stopwatch.GetElapsedTime(sentAt, now).TotalMicroseconds);
            sentAt = now;
        });
        times.Sort();
        return times;
    }

    /// <summary>Asks every millisecond until somebody answers; false when nobody does within the limit.</summary>
    public bool WaitForReply(IpAddress target, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        _request = _wire.Question(target);
        Drain();
        while (clock.Elapsed < limit)
        {
            Send(1);
            if (WaitReadable(TimeSpan.FromMilliseconds(1)) && TakeReplies(target) > 0)
                return true;
        }
        return false;
    }

    public void Dispose()
    {
        _ = Libc.Close(_socket);
        _sender.Dispose();
    }

    private void Run(IpAddress target, int outstanding, Func<bool> goesOn, Action<int> onReplies)
    {
        _request = _wire.Question(target);
        Drain();
        Send(outstanding);
        while (goesOn())
        {
            var replies = TakeReplies(target);
            if (replies > 0)
            {
                onReplies(replies);
                Send(replies);
            }
            else if (!WaitReadable(LossTimeout))
            {
                Send(outstanding);
            }
        }
    }

    private void Send(int count)
    {
        for (var i = 0; i < count; i++)
            _sender.Add(_linkIndex, _request);
        _sender.Flush();
    }

    private int TakeReplies(IpAddress target)
    {
        var replies = 0;
        var count = _receiver.Receive(_socket);
        for (var i = 0; i < count; i++)
        {
            if (_wire.IsAnswer(_receiver[i].Span, target))
                replies++;
        }
        return replies;
    }

    private void Drain()
    {
        while (_receiver.Receive(_socket) > 0)
        {
        }
    }

    private bool WaitReadable(TimeSpan limit)
    {
        var slot = new PollSlot { Descriptor = _socket, Events = Libc.PollIn };
        var time = new TimeSpec { Nanoseconds = limit.Ticks * 100 };
        return Libc.Poll(&slot, 1, &time, null) > 0;
    }
}
