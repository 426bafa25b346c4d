using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Interop.Lan;

/// <summary>
/// Asks for an address by broadcast every few milliseconds, each time with another address of its own, so that every answer tells which
/// question it belongs to; and keeps in order whatever is said about the address.
/// </summary>
internal sealed class ArpProber : IDisposable
{
    private const int EveryMilliseconds = 5;
    private const uint FirstOwnAddress = 0x0A63_0000;

    private readonly IpAddress _address;
    private readonly MacAddress _mac;
    private readonly Thread _thread;
    private readonly List<HeardClaim> _heard = [];
    private readonly ManualResetEventSlim _end = new();
    private Exception? _error;
    private int _asked;

    /// <summary>Starts to ask from a host's eth0.</summary>
    public ArpProber(TestLan lan, string host, string address)
    {
        _address = IpAddress.Parse(address);
        if (!MacAddress.TryParse(lan.MacOf(host), out _mac))
            throw new InvalidOperationException($"{host} has no MAC address");
        var index = lan.IndexOf(host);
        _thread = new(() => Run(lan.NamespaceOf(host), index)) { Name = "prober", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How many questions were asked so far.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Everything that was said about the address so far, in order.</summary>
    public IReadOnlyList<HeardClaim> Heard
    {
        get
        {
            if (Volatile.Read(ref _error) is { } error)
                throw new InvalidOperationException("the prober failed", error);
            lock (_heard)
                return [.. _heard];
        }
    }

    /// <summary>The questions, from one up to another, that nobody answered so far.</summary>
    public int[] Unanswered(int from, int to)
    {
        var answered = new SortedSet<int>(Heard.Where(claim => claim.Question is not null).Select(claim => claim.Question!.Value));
        return [.. Enumerable.Range(from, to - from).Where(question => !answered.Contains(question))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void Run(string networkNamespace, int linkIndex)
    {
        try
        {
            NamespaceThread.Enter(networkNamespace);
            using var socket = PacketSocket.Open(linkIndex, AddressFamily.IPv4, [_address]);
            using var sender = new FrameSender();
            var receiver = new FrameReceiver();
            while (!_end.Wait(EveryMilliseconds))
            {
                sender.Add(linkIndex, Question(_asked));
                sender.Flush();
                Volatile.Write(ref _asked, _asked + 1);
                Take(receiver, socket.Descriptor);
            }
        }
#pragma warning disable CA1031 // It is thrown again to those who ask.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Volatile.Write(ref _error, e);
        }
    }

    private byte[] Question(int number)
    {
        var frame = new byte[EthernetHeader.MinimumFrameBytes];
        new ArpPacket(ArpOperation.Request, _mac, IpAddress.V4(FirstOwnAddress + (uint)number), MacAddress.Zero, _address)
            .WriteFrame(frame, MacAddress.Broadcast);
        return frame;
    }

    private void Take(FrameReceiver receiver, int descriptor)
    {
        for (var count = receiver.Receive(descriptor); count > 0; count = receiver.Receive(descriptor))
        {
            for (var i = 0; i < count; i++)
            {
                if (!EthernetHeader.TryRead(receiver[i].Span, out _, out var payload) || !ArpPacket.TryRead(payload, out var packet) ||
                    packet.SenderAddress != _address)
                    continue;
                var question = (long)(uint)packet.TargetAddress.Value - FirstOwnAddress;
                lock (_heard)
                    _heard.Add(new(packet.SenderMac, packet.TargetAddress == _address ? null : (int)question));
            }
        }
    }
}

/// <summary>Somebody says that it has the address.</summary>
/// <param name="Mac">Where.</param>
/// <param name="Question">The number of the question that it answers; null when it was not asked.</param>
internal readonly record struct HeardClaim(MacAddress Mac, int? Question);
