using System;
using System.Runtime.InteropServices;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Runtime.Bfd;

/// <summary>
/// Takes up to <see cref="Capacity"/> datagrams with one system call, each with its TTL, its destination and its interface, into memory
/// that is allocated once.
/// </summary>
internal sealed unsafe class BfdReceiver
{
    /// <summary>Datagrams per batch.</summary>
    public const int Capacity = 64;

    private const int PayloadBytes = 256;
    private const int ControlBytes = 128;
    private const int ControlHeaderBytes = 16;

    private readonly byte[] _payloads = GC.AllocateArray<byte>(Capacity * PayloadBytes, pinned: true);
    private readonly byte[] _names = GC.AllocateArray<byte>(Capacity * InetAddress.MostBytes, pinned: true);
    private readonly byte[] _controls = GC.AllocateArray<byte>(Capacity * ControlBytes, pinned: true);
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(Capacity, pinned: true);
    private readonly MessageSlot[] _slots = GC.AllocateArray<MessageSlot>(Capacity, pinned: true);

    /// <summary>Makes the buffers.</summary>
    public BfdReceiver()
    {
        var payloads = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_payloads, 0);
        var names = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_names, 0);
        var controls = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_controls, 0);
        var vectors = (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, 0);
        for (var i = 0; i < Capacity; i++)
        {
            _vectors[i] = new() { Start = payloads + i * PayloadBytes, Length = PayloadBytes };
            _slots[i] = new()
            {
                Name = names + i * InetAddress.MostBytes,
                Vectors = vectors + i,
                VectorCount = 1,
                Control = controls + i * ControlBytes,
            };
        }
    }

    /// <summary>Receives what is there.</summary>
    public int Receive(int descriptor)
    {
        // The kernel writes the lengths that it used where it was told the room.
        for (var i = 0; i < Capacity; i++)
            (_slots[i].NameLength, _slots[i].ControlLength) = (InetAddress.MostBytes, ControlBytes);
        var slots = (MessageSlot*)Marshal.UnsafeAddrOfPinnedArrayElement(_slots, 0);
        return Math.Max(0, Libc.ReceiveMany(descriptor, slots, Capacity, Libc.MessageDontWait, null));
    }

    /// <summary>The i-th datagram of the last batch, valid until the next.</summary>
    public BfdInput Read(int index, BfdChannel channel, string vrf)
    {
        var from = InetAddress.Read(_names.AsSpan(index * InetAddress.MostBytes, InetAddress.MostBytes));
        var control = _controls.AsSpan(index * ControlBytes, (int)Math.Min(_slots[index].ControlLength, ControlBytes));
        var (to, linkIndex, timeToLive) = ReadControl(control);
        var payload = new ReadOnlyMemory<byte>(_payloads, index * PayloadBytes, (int)Math.Min(_slots[index].Length, PayloadBytes));
        return BfdInput.DatagramReceived(channel, from, to, linkIndex, timeToLive, payload, vrf);
    }

    private static (IpAddress To, int LinkIndex, int TimeToLive) ReadControl(ReadOnlySpan<byte> control)
    {
        var (to, linkIndex, timeToLive) = (default(IpAddress), 0, 0);
        while (control.Length >= ControlHeaderBytes)
        {
            var length = (int)BitConverter.ToUInt64(control);
            if (length < ControlHeaderBytes || length > control.Length)
                break;
            var data = control[ControlHeaderBytes..length];
            switch (BitConverter.ToInt32(control[8..]), BitConverter.ToInt32(control[12..]))
            {
                case (Libc.LevelIpv4, Libc.OptionIpv4TimeToLive):
                case (Libc.LevelIpv6, Libc.OptionIpv6HopLimit):
                    timeToLive = BitConverter.ToInt32(data);
                    break;
                case (Libc.LevelIpv4, Libc.OptionIpv4PacketInfo):
                    (linkIndex, to) = (BitConverter.ToInt32(data), IpAddress.Read(data.Slice(8, 4)));
                    break;
                case (Libc.LevelIpv6, Libc.OptionIpv6PacketInfo):
                    (to, linkIndex) = (IpAddress.Read(data[..16]), BitConverter.ToInt32(data[16..]));
                    break;
            }
            control = control[Math.Min(control.Length, length + 7 & ~7)..];
        }
        return (to, linkIndex, timeToLive);
    }
}
