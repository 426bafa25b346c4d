using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using FerroLB.Protocols.Bgp.Wire;

namespace FerroLB.Benchmarks;

/// <summary>
/// One session of a <see cref="BgpSink"/>, with whatever speaks BGP at the other end: says what a router has to say, and notes when which
/// UPDATE was read. IPv4 unicast; of the prefixes those count that are /32 and in 10.128.0.0/15.
/// </summary>
internal sealed class BgpSinkSession : IDisposable
{
    /// <summary>The first of the addresses that are counted.</summary>
    public const uint FirstAddress = 0x0A80_0000;

    /// <summary>How many they are.</summary>
    public const int MostAddresses = 1 << 17;

    private const int BufferBytes = 1 << 20;
    private const ushort HoldSeconds = 90;

    private readonly Socket _socket;
    private readonly List<(long At, int Known, long Changes)> _updates = [];
    private readonly bool[] _isKnown = new bool[MostAddresses];
    private int _known;
    private long _changes;
    private long _confirmedAt;
    private long _establishedAt;
    private bool _hasEnded;

    /// <summary>Takes over a connection and says OPEN.</summary>
    public BgpSinkSession(Socket socket, uint asn, uint identifier)
    {
        _socket = socket;
        _socket.NoDelay = true;
        Send(output => BgpMessageWriter.WriteOpen(output, BgpOpen.Of(
            asn, HoldSeconds, identifier, [new BgpCapability.MultiProtocol(BgpFamily.IPv4Unicast), new BgpCapability.RouteRefresh()])));
        new Thread(Read) { Name = "sink", IsBackground = true }.Start();
    }

    /// <summary>When both sides had confirmed; 0 as long as they have not.</summary>
    public long EstablishedAt
    {
        get
        {
            lock (_updates)
                return _establishedAt;
        }
    }

    /// <summary>Whether the connection is over.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_updates)
                return _hasEnded;
        }
    }

    /// <summary>When this side confirmed, which is when the other side could begin at the earliest.</summary>
    public long ConfirmedAt
    {
        get
        {
            lock (_updates)
                return _confirmedAt;
        }
    }

    /// <summary>How many addresses are known now.</summary>
    public int Known
    {
        get
        {
            lock (_updates)
                return _known;
        }
    }

    /// <summary>How many prefixes were announced or withdrawn so far, each time counted.</summary>
    public long Changes
    {
        get
        {
            lock (_updates)
                return _changes;
        }
    }

    /// <summary>How many prefixes the fullest UPDATE carried; the last one of a table carries what is left.</summary>
    public long MostPerUpdate
    {
        get
        {
            lock (_updates)
                return _updates.Select((update, i) => update.Changes - (i == 0 ? 0 : _updates[i - 1].Changes)).Max();
        }
    }

    /// <summary>Waits until so many addresses are known; when the UPDATE was read with which they were. Null when not in time.</summary>
    public long? WaitForKnown(int count, TimeSpan limit) => WaitFor(update => update.Known == count, limit);

    /// <summary>Waits until so many changes were told since the session began; when the UPDATE was read with which they were. Null when not
    /// in time.</summary>
    public long? WaitForChanges(long count, TimeSpan limit) => WaitFor(update => update.Changes >= count, limit);

    /// <summary>Waits until the session is established; false when it is not in time or is over.</summary>
    public bool WaitUntilEstablished(TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        lock (_updates)
        {
            while (_establishedAt == 0 && !_hasEnded && clock.Elapsed < limit)
                Monitor.Wait(_updates, 100);
            return _establishedAt != 0;
        }
    }

    /// <summary>Shows a sign of life.</summary>
    public void KeepAlive() => Send(BgpMessageWriter.WriteKeepAlive);

    /// <summary>Sends whole messages.</summary>
    public void Send(ReadOnlySpan<byte> messages)
    {
        try
        {
            lock (_socket)
            {
                for (var rest = messages; !rest.IsEmpty;)
                    rest = rest[_socket.Send(rest)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The reader notices.
        }
    }

    /// <summary>Ends the connection as the kernel does for a process that crashed with unread octets.</summary>
    public void Reset()
    {
        try
        {
            _socket.LingerState = new(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over already.
        }
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Send(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        Send(output.WrittenSpan);
    }

    private long? WaitFor(Predicate<(long At, int Known, long Changes)> condition, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        var seen = 0;
        lock (_updates)
        {
            while (true)
            {
                for (; seen < _updates.Count; seen++)
                {
                    if (condition(_updates[seen]))
                        return _updates[seen].At;
                }
                if (_hasEnded || clock.Elapsed > limit)
                    return null;
                Monitor.Wait(_updates, 100);
            }
        }
    }

    private void Read()
    {
        UrgentThread.Raise();
        var buffer = new byte[BufferBytes];
        var filled = 0;
        try
        {
            while (_socket.Receive(buffer.AsSpan(filled)) is var count and > 0)
            {
                filled += count;
                var taken = TakeMessages(buffer.AsSpan(0, filled), Stopwatch.GetTimestamp());
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other side, or this one, is gone.
        }
        lock (_updates)
        {
            _hasEnded = true;
            Monitor.PulseAll(_updates);
        }
        _socket.Dispose();
    }

    private int TakeMessages(ReadOnlySpan<byte> octets, long now)
    {
        var at = 0;
        while (octets.Length - at >= BgpFramer.HeaderBytes)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + BgpFramer.MarkerBytes)..]);
            if (octets.Length - at < length)
                break;
            Take(octets.Slice(at, length), now);
            at += length;
        }
        return at;
    }

    private void Take(ReadOnlySpan<byte> message, long now)
    {
        var body = message[BgpFramer.HeaderBytes..];
        switch ((BgpMessageType)message[BgpFramer.HeaderBytes - 1])
        {
            case BgpMessageType.Open:
                lock (_updates)
                    _confirmedAt = Stopwatch.GetTimestamp();
                KeepAlive();
                break;
            case BgpMessageType.KeepAlive:
                lock (_updates)
                {
                    _establishedAt = _establishedAt == 0 ? now : _establishedAt;
                    Monitor.PulseAll(_updates);
                }
                break;
            case BgpMessageType.Update:
                TakeUpdate(body, now);
                break;
        }
    }

    private void TakeUpdate(ReadOnlySpan<byte> body, long now)
    {
        var withdrawn = body.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(body));
        var attributes = body[(2 + withdrawn.Length)..];
        var announced = attributes[(2 + BinaryPrimitives.ReadUInt16BigEndian(attributes))..];
        if (withdrawn.IsEmpty && announced.IsEmpty)
            return;
        lock (_updates)
        {
            Count(withdrawn, isKnown: false);
            Count(announced, isKnown: true);
            _updates.Add((now, _known, _changes));
            Monitor.PulseAll(_updates);
        }
    }

    private void Count(ReadOnlySpan<byte> prefixes, bool isKnown)
    {
        const int HostBits = 32;
        while (!prefixes.IsEmpty)
        {
            var bits = prefixes[0];
            var number = bits == HostBits ? BinaryPrimitives.ReadUInt32BigEndian(prefixes[1..]) - (long)FirstAddress : -1;
            if (number is >= 0 and < MostAddresses and var i)
            {
                _changes++;
                _known += (isKnown ? 1 : 0) - (_isKnown[i] ? 1 : 0);
                _isKnown[i] = isKnown;
            }
            prefixes = prefixes[(1 + (bits + 7) / 8)..];
        }
    }
}
