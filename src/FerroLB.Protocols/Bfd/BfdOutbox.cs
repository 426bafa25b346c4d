using System;
using System.Collections.Generic;

namespace FerroLB.Protocols.Bfd;

/// <summary>
/// Orders waiting to be taken, the datagrams among them in buffers that are used over and over. A datagram that finds all buffers in use
/// is dropped and counted, as on any wire; nothing else is ever dropped, because there is little else.
/// </summary>
internal sealed class BfdOutbox
{
    /// <summary>The longest datagram; a peer's echo packet may be longer than anything of ours.</summary>
    public const int MostDatagramBytes = 128;

    private const int CapacityDatagrams = 512;

    private readonly Queue<BfdOutput> _orders = new(CapacityDatagrams);
    // A node without BFD never needs the buffers.
    private byte[] _buffers = [];
    private long _appended;
    private long _taken;

    /// <summary>Datagrams that were dropped.</summary>
    public long Dropped { get; private set; }

    public void Add(in BfdOutput order) => _orders.Enqueue(order);

    /// <summary>The buffer of a datagram to be sent; empty when it is dropped.</summary>
    public Span<byte> Append(int session, BfdChannel channel, int timeToLive, int bytes)
    {
        if (_appended - _taken == CapacityDatagrams)
        {
            Dropped++;
            return default;
        }
        if (_buffers.Length == 0)
            _buffers = new byte[CapacityDatagrams * MostDatagramBytes];
        var payload = new Memory<byte>(_buffers, (int)(_appended++ % CapacityDatagrams) * MostDatagramBytes, bytes);
        _orders.Enqueue(BfdOutput.SendDatagram(session, channel, timeToLive, payload));
        return payload.Span;
    }

    public bool TryTake(out BfdOutput output)
    {
        if (!_orders.TryDequeue(out output))
            return false;
        if (output.Kind == BfdOutputKind.SendDatagram)
            _taken++;
        return true;
    }
}
