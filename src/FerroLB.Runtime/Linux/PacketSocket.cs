using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Hears ARP or neighbour discovery about announced addresses on one interface. The filter is attached before the socket is bound, so no
/// unwanted frame is ever queued; a new filter replaces the old one atomically. Needs CAP_NET_RAW.
/// </summary>
internal sealed unsafe class PacketSocket : IDisposable
{
    private const ushort ArpEtherType = 0x0806;
    private const ushort Ipv6EtherType = 0x86DD;
    private const int CoarsestFilter = 6;
    private const int ReceiveBufferOctets = 1 << 20;

    private PacketSocket(int descriptor, int linkIndex, AddressFamily family)
    {
        Descriptor = descriptor;
        LinkIndex = linkIndex;
        Family = family;
    }

    /// <summary>The file descriptor; -1 once closed.</summary>
    public int Descriptor { get; private set; }

    /// <summary>The interface's index.</summary>
    public int LinkIndex { get; }

    /// <summary>IPv4 hears ARP, IPv6 hears NDP.</summary>
    public AddressFamily Family { get; }

    /// <summary>Opens a socket on an interface that hears requests for the addresses (ascending) of one family.</summary>
    /// <exception cref="LinuxException">No permission, or no such interface.</exception>
    public static PacketSocket Open(int linkIndex, AddressFamily family, IReadOnlyList<IpAddress> addresses)
    {
        var socket = new PacketSocket(Create(), linkIndex, family);
        try
        {
            var octets = ReceiveBufferOctets;
            _ = Libc.SetSocketOption(socket.Descriptor, Libc.LevelSocket, Libc.OptionReceiveBuffer, &octets, sizeof(int));
            socket.SetFilter(addresses);
            var address = AddressOf(linkIndex, family == AddressFamily.IPv4 ? ArpEtherType : Ipv6EtherType);
            if (Libc.Bind(socket.Descriptor, &address, (uint)sizeof(LinkSocketAddress)) != 0)
                throw LinuxException.FromLastError($"bind a packet socket to interface {linkIndex}");
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A packet socket that receives nothing; frames can be sent through it.</summary>
    /// <exception cref="LinuxException">No permission.</exception>
    public static int Create()
    {
        var descriptor = Libc.Socket(Libc.AddressFamilyPacket, Libc.SocketRaw | Libc.SocketNonBlocking | Libc.SocketCloseOnExec, 0);
        return descriptor >= 0 ? descriptor : throw LinuxException.FromLastError("open a packet socket");
    }

    /// <summary>Whether this process may open packet sockets at all (CAP_NET_RAW in the network namespace).</summary>
    public static bool IsPermitted()
    {
        var descriptor = Libc.Socket(Libc.AddressFamilyPacket, Libc.SocketRaw | Libc.SocketCloseOnExec, 0);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError() is not (Libc.ErrorNotPermitted or Libc.ErrorAccess);
        _ = Libc.Close(descriptor);
        return true;
    }

    /// <summary>The address of an interface for a packet socket.</summary>
    public static LinkSocketAddress AddressOf(int linkIndex, ushort etherType) => new()
    {
        Family = Libc.AddressFamilyPacket,
        Protocol = BinaryPrimitives.ReverseEndianness(etherType),
        LinkIndex = linkIndex,
    };

    /// <summary>Replaces the addresses (ascending) whose requests are heard.</summary>
    /// <exception cref="LinuxException">The kernel refuses even the smallest program.</exception>
    public void SetFilter(IReadOnlyList<IpAddress> addresses)
    {
        // Older kernels allow a socket 20 KB for filters (net.core.optmem_max): then a coarser filter has to do.
        for (var coarseness = 0; ; coarseness++)
        {
            if (TryAttach(Build(addresses, coarseness)))
                return;
            var error = LinuxException.FromLastError($"attach the filter for {Family} to interface {LinkIndex}");
            if (error.ErrorNumber != Libc.ErrorNoMemory || coarseness == CoarsestFilter)
                throw error;
        }
    }

    private BpfInstruction[] Build(IReadOnlyList<IpAddress> addresses, int coarseness) => Family == AddressFamily.IPv4
        ? ArpFilter.Build(addresses, ArpFilter.MaxInstructions >> coarseness)
        : NdpFilter.Build(addresses, NdpFilter.MaxInstructions >> coarseness);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Descriptor >= 0)
            _ = Libc.Close(Descriptor);
        Descriptor = -1;
    }

    private bool TryAttach(BpfInstruction[] instructions)
    {
        fixed (BpfInstruction* first = instructions)
        {
            var program = new FilterProgram { Length = (ushort)instructions.Length, Instructions = first };
            return Libc.SetSocketOption(
                Descriptor, Libc.LevelSocket, Libc.OptionAttachFilter, &program, (uint)sizeof(FilterProgram)) == 0;
        }
    }
}
