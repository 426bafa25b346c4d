using System;
using System.Collections.Generic;
using FerroLB.Protocols.Bfd;
using FerroLB.Runtime.Linux;

namespace FerroLB.Runtime.Bfd;

/// <summary>
/// All sockets of a <see cref="BfdEngineMachine"/>: one per session to send by, and one per port, family and VRF to hear with, opened when
/// the first session needs it. A loop polls <see cref="Listeners"/> and gives what they have to the machine.
/// </summary>
internal sealed class BfdSockets : IDisposable
{
    private const int MostBatches = 64;

    private readonly Dictionary<int, BfdSender> _senders = [];
    private readonly List<BfdListener> _listeners = [];
    private readonly BfdReceiver _receiver = new();

    /// <summary>The sockets to poll; they are never closed before the end.</summary>
    public IReadOnlyList<BfdListener> Listeners => _listeners;

    /// <summary>Opens a session's socket in place of an earlier one, and what hears its peer.</summary>
    /// <exception cref="LinuxException">See <see cref="BfdSender.Open"/> and <see cref="BfdListener.Open"/>.</exception>
    public void Open(int session, BfdSocketOptions options)
    {
        Close(session);
        Listen(options.Key.Channel, options.Key);
        if (!options.Key.IsMultiHop)
            Listen(BfdChannel.Echo, options.Key);
        _senders.Add(session, BfdSender.Open(options));
    }

    /// <summary>Closes a session's socket.</summary>
    public void Close(int session)
    {
        if (_senders.Remove(session, out var sender))
            sender.Dispose();
    }

    /// <summary>Sends a datagram that the machine ordered.</summary>
    public void Send(in BfdOutput order)
    {
        if (!_senders.TryGetValue(order.Session, out var sender))
            return;
        if (order.Channel != BfdChannel.Echo)
            sender.Send(order.Payload.Span);
        else if (Find(BfdChannel.Echo, sender.Key) is { } listener)
            sender.SendEcho(listener, order.Payload.Span, order.TimeToLive);
    }

    /// <summary>
    /// Takes what waits in a listener, so that no packet that came in time is overtaken by the deadline that it meets; a flood is cut
    /// short.
    /// </summary>
    public void Receive(BfdListener listener, Action<BfdInput> take)
    {
        for (var batch = 0; batch < MostBatches; batch++)
        {
            var count = _receiver.Receive(listener.Descriptor);
            for (var i = 0; i < count; i++)
                take(_receiver.Read(i, listener.Channel, listener.Vrf));
            if (count < BfdReceiver.Capacity)
                return;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, sender) in _senders)
            sender.Dispose();
        foreach (var listener in _listeners)
            listener.Dispose();
    }

    private void Listen(BfdChannel channel, BfdSessionKey key)
    {
        if (Find(channel, key) is null)
            _listeners.Add(BfdListener.Open(channel, key.Peer.Family, key.Vrf));
    }

    private BfdListener? Find(BfdChannel channel, BfdSessionKey key)
    {
        foreach (var listener in _listeners)
        {
            if (listener.Channel == channel && listener.Family == key.Peer.Family && listener.Vrf == key.Vrf)
                return listener;
        }
        return null;
    }
}
