using System;
using System.Runtime.InteropServices;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Collects frames and sends up to <see cref="Capacity"/> of them with one system call, through one socket that receives nothing. A frame
/// that the kernel refuses (interface down or gone, queue full) is lost, as on any wire, and counted.
/// </summary>
internal sealed unsafe class FrameSender : IDisposable
{
    /// <summary>Frames per batch.</summary>
    public const int Capacity = 64;

    private const int SlotOctets = 1536;

    private readonly int _descriptor = PacketSocket.Create();
    private readonly byte[] _frames = GC.AllocateArray<byte>(Capacity * SlotOctets, pinned: true);
    private readonly MessageSlot[] _slots = GC.AllocateArray<MessageSlot>(Capacity, pinned: true);
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(Capacity, pinned: true);
    private readonly LinkSocketAddress[] _addresses = GC.AllocateArray<LinkSocketAddress>(Capacity, pinned: true);
    private int _count;

    /// <summary>Opens the socket.</summary>
    /// <exception cref="LinuxException">No permission.</exception>
    public FrameSender()
    {
        var frames = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_frames, 0);
        var vectors = (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, 0);
        var addresses = (LinkSocketAddress*)Marshal.UnsafeAddrOfPinnedArrayElement(_addresses, 0);
        for (var i = 0; i < Capacity; i++)
        {
            _vectors[i] = new() { Start = frames + i * SlotOctets };
            _slots[i] = new()
            {
                Name = addresses + i,
                NameLength = (uint)sizeof(LinkSocketAddress),
                Vectors = vectors + i,
                VectorCount = 1,
            };
        }
    }

    /// <summary>Frames that the kernel did not take.</summary>
    public long LostCount { get; private set; }

    /// <summary>Copies a frame into the batch; sends the batch when it is full.</summary>
    public void Add(int linkIndex, ReadOnlySpan<byte> frame)
    {
        if (frame.Length > SlotOctets)
        {
            LostCount++;
            return;
        }
        frame.CopyTo(_frames.AsSpan(_count * SlotOctets, SlotOctets));
        _vectors[_count].Length = (nuint)frame.Length;
        _addresses[_count] = PacketSocket.AddressOf(linkIndex, 0);
        if (++_count == Capacity)
            Flush();
    }

    /// <summary>Sends what was added.</summary>
    public void Flush()
    {
        var slots = (MessageSlot*)Marshal.UnsafeAddrOfPinnedArrayElement(_slots, 0);
        for (var sent = 0; sent < _count;)
        {
            var taken = Libc.SendMany(_descriptor, slots + sent, (uint)(_count - sent), Libc.MessageDontWait);
            if (taken <= 0)
            {
                // The kernel reports an error for the first frame of the rest only: skip that one and go on.
                taken = 1;
                LostCount++;
            }
            sent += taken;
        }
        _count = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(_descriptor);
}
