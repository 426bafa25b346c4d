using System;
using System.Runtime.InteropServices;

namespace FerroLB.Runtime.Linux;

/// <summary>Takes up to <see cref="Capacity"/> frames from a packet socket with one system call, into memory that is allocated
/// once.</summary>
internal sealed unsafe class FrameReceiver
{
    /// <summary>Frames per batch.</summary>
    public const int Capacity = 64;

    private const int SlotOctets = 256;

    private readonly byte[] _frames = GC.AllocateArray<byte>(Capacity * SlotOctets, pinned: true);
    private readonly MessageSlot[] _slots = GC.AllocateArray<MessageSlot>(Capacity, pinned: true);
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(Capacity, pinned: true);

    /// <summary>Makes the buffers.</summary>
    public FrameReceiver()
    {
        var frames = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_frames, 0);
        var vectors = (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, 0);
        for (var i = 0; i < Capacity; i++)
        {
            _vectors[i] = new() { Start = frames + i * SlotOctets, Length = SlotOctets };
            _slots[i] = new() { Vectors = vectors + i, VectorCount = 1 };
        }
    }

    /// <summary>Receives what is there. 0: nothing, or the interface went down, which netlink tells about.</summary>
    public int Receive(int descriptor)
    {
        var slots = (MessageSlot*)Marshal.UnsafeAddrOfPinnedArrayElement(_slots, 0);
        return Math.Max(0, Libc.ReceiveMany(descriptor, slots, Capacity, Libc.MessageDontWait, null));
    }

    /// <summary>The i-th frame of the last batch, valid until the next.</summary>
    public ReadOnlyMemory<byte> this[int index] =>
        new(_frames, index * SlotOctets, (int)Math.Min(_slots[index].Length, SlotOctets));
}
