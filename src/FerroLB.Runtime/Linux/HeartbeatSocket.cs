using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Sends and hears heartbeats over UDP of one family, on all interfaces whose group was joined. They leave with hop limit 255, and what
/// arrives with another one was forwarded by a router and is refused: so nobody off the LAN can speak. Signatures are put on and taken off
/// here. Batches are received into memory that is allocated once; nothing is allocated per heartbeat. Needs no capability.
/// </summary>
internal sealed unsafe class HeartbeatSocket : IDisposable
{
    /// <summary>Datagrams per batch.</summary>
    public const int Capacity = 32;

    private const int SlotOctets = HeartbeatPacket.MostBytes + HeartbeatSeal.MostOverheadBytes + 1;
    private const int ControlOctets = 96;
    private const int ControlHeaderOctets = 16;
    private const int HopLimit = 255;
    private const int NetworkControl = 0xC0;

    private readonly HeartbeatSeal _seal;
    private readonly ushort _port;
    private readonly byte[] _datagrams = GC.AllocateArray<byte>(Capacity * SlotOctets, pinned: true);
    private readonly byte[] _controls = GC.AllocateArray<byte>(Capacity * ControlOctets, pinned: true);
    private readonly byte[] _sending = GC.AllocateArray<byte>(SlotOctets, pinned: true);
    private readonly MessageSlot[] _slots = GC.AllocateArray<MessageSlot>(Capacity, pinned: true);
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(Capacity, pinned: true);

    /// <summary>Opens a socket of a family on a port; no group is joined yet.</summary>
    /// <exception cref="LinuxException">The port is taken, or the family is switched off.</exception>
    public HeartbeatSocket(AddressFamily family, ushort port, HeartbeatSeal seal)
    {
        (Family, _port, _seal) = (family, port, seal);
        var kind = Libc.SocketDatagram | Libc.SocketCloseOnExec | Libc.SocketNonBlocking;
        Descriptor = Libc.Socket(IsIPv4 ? Libc.AddressFamilyInet : Libc.AddressFamilyInet6, kind, 0);
        if (Descriptor < 0)
            throw LinuxException.FromLastError("open a socket for heartbeats");
        try
        {
            SetOptions();
            var length = WriteAddress(stackalloc byte[Libc.InternetAddressOctets], default, 0, out var address);
            if (Libc.Bind(Descriptor, address, length) != 0)
                throw LinuxException.FromLastError($"use UDP port {port} for heartbeats");
        }
        catch
        {
            Dispose();
            throw;
        }
        PrepareSlots();
    }

    /// <summary>The family.</summary>
    public AddressFamily Family { get; }

    /// <summary>What to poll.</summary>
    public int Descriptor { get; }

    private bool IsIPv4 => Family == AddressFamily.IPv4;

    private int Level => IsIPv4 ? Libc.LevelIpv4 : Libc.LevelIpv6;

    /// <summary>Joins a group on an interface, or leaves it; a group that was left with its interface is no error.</summary>
    /// <exception cref="LinuxException">No such interface, or the family is off on it.</exception>
    public void ChangeMembership(int linkIndex, IpAddress group, bool joins)
    {
        var request = stackalloc byte[20];
        new Span<byte>(request, 20).Clear();
        group.Write(new Span<byte>(request, group.SizeBytes));
        *(int*)(request + (IsIPv4 ? 8 : 16)) = linkIndex;
        var option = IsIPv4
            ? joins ? Libc.OptionIpv4JoinGroup : Libc.OptionIpv4LeaveGroup
            : joins ? Libc.OptionJoinGroup : Libc.OptionLeaveGroup;
        if (Libc.SetSocketOption(Descriptor, Level, option, request, IsIPv4 ? 12u : 20u) != 0 && joins &&
            Marshal.GetLastPInvokeError() != Libc.ErrorAddressInUse)
            throw LinuxException.FromLastError($"join the group {group} on interface {linkIndex}");
    }

    /// <summary>Signs a heartbeat and sends it; what the kernel does not take is lost, as on any wire.</summary>
    public void Send(int linkIndex, IpAddress group, ReadOnlySpan<byte> heartbeat)
    {
        var datagram = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_sending, 0);
        var octets = _seal.Close(heartbeat, _sending);
        var length = WriteAddress(stackalloc byte[Libc.InternetAddressOctets], group, linkIndex, out var address);
        if (IsIPv4)
        {
            var request = stackalloc byte[12];
            new Span<byte>(request, 12).Clear();
            *(int*)(request + 8) = linkIndex;
            _ = Libc.SetSocketOption(Descriptor, Level, Libc.OptionIpv4MulticastInterface, request, 12);
        }
        _ = Libc.SendTo(Descriptor, datagram, (nuint)octets, Libc.MessageDontWait, address, length);
    }

    /// <summary>Receives what is there, up to <see cref="Capacity"/> datagrams; how many came.</summary>
    public int Receive()
    {
        for (var i = 0; i < Capacity; i++)
            (_slots[i].ControlLength, _slots[i].Flags) = (ControlOctets, 0);
        var slots = (MessageSlot*)Marshal.UnsafeAddrOfPinnedArrayElement(_slots, 0);
        return Math.Max(0, Libc.ReceiveMany(Descriptor, slots, Capacity, Libc.MessageDontWait, null));
    }

    /// <summary>
    /// Opens the i-th datagram of the last batch: the heartbeat, valid until the next batch, and the interface on which it came, when
    /// nothing is returned against it.
    /// </summary>
    public HeartbeatRefusal Open(int i, out int linkIndex, out ReadOnlyMemory<byte> heartbeat)
    {
        heartbeat = default;
        ReadControl(i, out linkIndex, out var hopLimit);
        if (hopLimit != HopLimit)
            return HeartbeatRefusal.HopLimit;
        var length = (int)Math.Min(_slots[i].Length, SlotOctets);
        var refusal = _seal.Open(_datagrams.AsSpan(i * SlotOctets, length), out var octets);
        if (refusal == HeartbeatRefusal.None)
            heartbeat = new(_datagrams, i * SlotOctets + 1, octets);
        return refusal;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(Descriptor);

    private void SetOptions()
    {
        Set(Libc.LevelSocket, Libc.OptionReuseAddress, 1);
        Set(Libc.LevelSocket, Libc.OptionReceiveBuffer, 1 << 20);
        foreach (var (option, value) in IsIPv4
            ? (ReadOnlySpan<(int, int)>)[
                (Libc.OptionIpv4PacketInfo, 1), (Libc.OptionIpv4ReceiveTimeToLive, 1), (Libc.OptionIpv4MulticastTimeToLive, HopLimit),
                (Libc.OptionIpv4MulticastLoop, 0), (Libc.OptionIpv4MulticastAll, 0), (Libc.OptionIpv4TrafficClass, NetworkControl)]
            : [
                (Libc.OptionIpv6Only, 1), (Libc.OptionIpv6ReceivePacketInfo, 1), (Libc.OptionIpv6ReceiveHopLimit, 1),
                (Libc.OptionIpv6MulticastHopLimit, HopLimit), (Libc.OptionIpv6MulticastLoop, 0), (Libc.OptionIpv6MulticastAll, 0),
                (Libc.OptionIpv6TrafficClass, NetworkControl)])
            Set(Level, option, value);
    }

    private void Set(int level, int option, int value)
    {
        // Without information about packets nothing would ever be taken; what else an old kernel lacks can be done without.
        if (Libc.SetSocketOption(Descriptor, level, option, &value, sizeof(int)) != 0 &&
            option is Libc.OptionIpv4PacketInfo or Libc.OptionIpv6ReceivePacketInfo && level == Level)
            throw LinuxException.FromLastError("prepare a socket for heartbeats");
    }

    private void PrepareSlots()
    {
        var datagrams = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_datagrams, 0);
        var controls = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_controls, 0);
        var vectors = (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, 0);
        for (var i = 0; i < Capacity; i++)
        {
            _vectors[i] = new() { Start = datagrams + i * SlotOctets, Length = SlotOctets };
            _slots[i] = new() { Vectors = vectors + i, VectorCount = 1, Control = controls + i * ControlOctets };
        }
    }

    private uint WriteAddress(Span<byte> buffer, IpAddress ip, int linkIndex, out byte* address)
    {
        buffer.Clear();
        address = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer));
        *(ushort*)address = (ushort)(IsIPv4 ? Libc.AddressFamilyInet : Libc.AddressFamilyInet6);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], _port);
        if (IsIPv4)
        {
            ip.Write(buffer[4..]);
            return 16;
        }
        if (ip.IsIPv6)
            ip.Write(buffer[8..]);
        *(int*)(address + 24) = linkIndex;
        return 28;
    }

    private void ReadControl(int i, out int linkIndex, out int hopLimit)
    {
        (linkIndex, hopLimit) = (0, 0);
        var control = _controls.AsSpan(i * ControlOctets, (int)Math.Min(_slots[i].ControlLength, ControlOctets));
        while (control.Length >= ControlHeaderOctets)
        {
            var length = (int)Math.Min((ulong)control.Length, MemoryMarshal.Read<ulong>(control));
            var (level, kind) = (MemoryMarshal.Read<int>(control[8..]), MemoryMarshal.Read<int>(control[12..]));
            var value = control[ControlHeaderOctets..Math.Max(ControlHeaderOctets, length)];
            if (level == Level && kind == (IsIPv4 ? Libc.OptionIpv4PacketInfo : Libc.OptionIpv6PacketInfo) && value.Length >= 12)
                linkIndex = MemoryMarshal.Read<int>(IsIPv4 ? value : value[16..]);
            else if (level == Level && kind == (IsIPv4 ? Libc.OptionIpv4TimeToLive : Libc.OptionIpv6HopLimit) && value.Length >= 4)
                hopLimit = MemoryMarshal.Read<int>(value);
            control = control[Math.Min(control.Length, Math.Max(ControlHeaderOctets, (length + 7) & ~7))..];
        }
    }
}
