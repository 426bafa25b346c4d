using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using FerroLB.Protocols.Ethernet;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Listens to the kernel's notifications about interfaces and addresses (rtnetlink) and asks for a full dump at the start and whenever
/// notifications were lost. Needs no capability. Nothing is polled.
/// </summary>
internal sealed unsafe class RouteSocket : IDisposable
{
    private const uint LinkAndAddressGroups = 0x1 | 0x10 | 0x100;
    private const ushort Done = 3;
    private const ushort Error = 2;
    private const ushort GetLink = 18;
    private const ushort GetAddress = 22;
    private const ushort RequestDump = 0x301;
    private const ushort DumpInterrupted = 0x10;
    private const int ReceiveOctets = 64 * 1024;
    private const int MostMessagesPerRead = 256;

    private readonly LinkTable _table = new();
    private readonly byte[] _buffer = GC.AllocateArray<byte>(ReceiveOctets, pinned: true);
    private uint _sequence;
    private ushort _dumping;
    private bool _mustDumpAgain;

    /// <summary>Opens the socket, joins the groups and asks for the first dump.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public RouteSocket()
    {
        Descriptor = Libc.Socket(Libc.AddressFamilyNetlink, Libc.SocketRaw | Libc.SocketNonBlocking | Libc.SocketCloseOnExec, 0);
        if (Descriptor < 0)
            throw LinuxException.FromLastError("open a netlink socket");
        var octets = 1 << 20;
        _ = Libc.SetSocketOption(Descriptor, Libc.LevelSocket, Libc.OptionReceiveBuffer, &octets, sizeof(int));
        var address = new NetlinkSocketAddress { Family = Libc.AddressFamilyNetlink, Groups = LinkAndAddressGroups };
        if (Libc.Bind(Descriptor, &address, (uint)sizeof(NetlinkSocketAddress)) != 0)
            throw LinuxException.FromLastError("listen to link notifications");
        StartDump();
    }

    /// <summary>What to poll.</summary>
    public int Descriptor { get; }

    /// <summary>Reads what the kernel sent. True with the whole picture when it is complete and differs from the one given last.</summary>
    public bool TryReadChange(out IReadOnlyList<LinkState> links)
    {
        var start = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, 0);
        for (var i = 0; i < MostMessagesPerRead; i++)
        {
            var length = (int)Libc.Receive(Descriptor, start, ReceiveOctets, Libc.MessageDontWait);
            if (length > 0)
                ReadMessages(_buffer.AsSpan(0, length));
            else if (length < 0 && Marshal.GetLastPInvokeError() == Libc.ErrorNoBufferSpace)
                _mustDumpAgain = true;
            else
                break;
        }
        if (_dumping == 0 && _mustDumpAgain)
            StartDump();
        var isNews = _dumping == 0 && _table.HasChanged;
        links = isNews ? _table.Links : [];
        if (isNews)
            _table.HasChanged = false;
        return isNews;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(Descriptor);

    private void ReadMessages(ReadOnlySpan<byte> datagram)
    {
        while (datagram.Length >= 16)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(datagram);
            if (length < 16 || length > datagram.Length)
                return;
            ReadMessage(datagram[..length]);
            datagram = datagram[Math.Min(datagram.Length, (length + 3) & ~3)..];
        }
    }

    private void ReadMessage(ReadOnlySpan<byte> message)
    {
        var type = BinaryPrimitives.ReadUInt16LittleEndian(message[4..]);
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
        var isOfDump = _dumping != 0 && BinaryPrimitives.ReadUInt32LittleEndian(message[8..]) == _sequence;
        if (isOfDump && (flags & DumpInterrupted) != 0)
            _mustDumpAgain = true;
        if (type is not (Done or Error))
            _table.Apply(message);
        else if (isOfDump)
            ContinueDump(type == Error);
    }

    private void StartDump()
    {
        _mustDumpAgain = false;
        _table.BeginDump();
        Request(GetLink);
    }

    private void ContinueDump(bool failed)
    {
        _mustDumpAgain |= failed;
        if (_dumping == GetLink && !failed)
        {
            Request(GetAddress);
            return;
        }
        _dumping = 0;
        if (!_mustDumpAgain)
            _table.EndDump();
    }

    private void Request(ushort type)
    {
        _dumping = type;
        unchecked
        {
            _sequence++;
        }
        Span<byte> message = stackalloc byte[32];
        message.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(message[6..], RequestDump);
        BinaryPrimitives.WriteUInt32LittleEndian(message[8..], _sequence);
        fixed (byte* start = message)
        {
            if (Libc.Send(Descriptor, start, (nuint)message.Length, 0) < 0)
                throw LinuxException.FromLastError("ask the kernel for its interfaces");
        }
    }
}
