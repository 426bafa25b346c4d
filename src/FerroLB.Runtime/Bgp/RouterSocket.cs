using System;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Runtime.Bgp;

/// <summary>
/// Hears and sends router solicitations and advertisements on some interfaces. The kernel computes and checks checksums, and drops what is
/// of another type or was forwarded by a router. Opened when the first interface needs it; needs the capability NET_RAW. Used by one
/// thread.
/// </summary>
/// <param name="post">Takes what came; waits while the loop is behind.</param>
/// <param name="tell">Takes what failed, and never waits.</param>
internal sealed class RouterSocket(Func<BgpNodeInput, CancellationToken, ValueTask> post, Action<BgpNodeInput> tell) : IDisposable
{
    private const int LevelIcmpv6 = 58;
    private const int OptionIcmpv6Filter = 1;
    private const int HopLimit = 255;
    private const int MostBytes = 1500;
    private const uint HopLimitOffset = 0xFFF00000 + 7;
    private const ushort LoadByte = 0x30;
    private const uint Whole = 0xFFFF;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(200);
    private static readonly IpAddress AllRouters = IpAddress.Parse("ff02::2");

    private readonly CancellationTokenSource _end = new();
    private ImmutableArray<int> _links = [];
    private Socket? _socket;

    /// <summary>Hears these interfaces and no others. That none can be heard is posted.</summary>
    public void Use(ImmutableArray<int> links)
    {
        try
        {
            if (_socket is null && !links.IsEmpty)
            {
                _socket = Open();
                _ = ReadAsync(_socket);
            }
            foreach (var link in _links.Except(links))
                ChangeMembership(link, SocketOptionName.DropMembership);
            foreach (var link in links.Except(_links))
                ChangeMembership(link, SocketOptionName.AddMembership);
            _links = links;
        }
        catch (SocketException e)
        {
            tell(new BgpNodeInput.RouterMessagesFailed(e.Message));
        }
    }

    /// <summary>Sends a message; what the kernel does not take is lost, as on any wire.</summary>
    public void Send(int linkIndex, IpAddress destination, ReadOnlySpan<byte> message)
    {
        try
        {
            _socket?.SendTo(message, SocketFlags.None, BgpSocket.EndPoint(destination, 0, linkIndex));
        }
        catch (SocketException)
        {
            // The interface is down or has no address yet; the machine sends again.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _socket?.Dispose();
    }

    private static unsafe Socket Open()
    {
        var socket = new Socket(System.Net.Sockets.AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6);
        try
        {
            Span<uint> blocked = stackalloc uint[8];
            blocked.Fill(uint.MaxValue);
            foreach (var passed in (ReadOnlySpan<int>)[133, 134])
                blocked[passed >> 5] &= ~(1u << (passed & 31));
            socket.SetRawSocketOption(LevelIcmpv6, OptionIcmpv6Filter, System.Runtime.InteropServices.MemoryMarshal.AsBytes(blocked));
            Filter(socket);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, HopLimit);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastLoopback, false);
            foreach (var option in (ReadOnlySpan<int>)[Libc.OptionIpv6HopLimitOfSocket, Libc.OptionIpv6MulticastHopLimit])
                _ = Libc.TrySetNumber((int)socket.Handle, Libc.LevelIpv6, option, HopLimit);
            // The framework receives on bound sockets only.
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Lets only packets in that no router has forwarded (RFC 4861 6.1).</summary>
    private static unsafe void Filter(Socket socket)
    {
        var program = stackalloc BpfInstruction[]
        {
            new(LoadByte, 0, 0, HopLimitOffset),
            new(BpfInstruction.JumpIfEqual, 0, 1, HopLimit),
            new(BpfInstruction.Return, 0, 0, Whole),
            new(BpfInstruction.Return, 0, 0, 0),
        };
        var filter = new FilterProgram { Length = 4, Instructions = program };
        if (Libc.SetSocketOption((int)socket.Handle, Libc.LevelSocket, Libc.OptionAttachFilter, &filter, (uint)sizeof(FilterProgram)) != 0)
            throw new SocketException((int)SocketError.OperationNotSupported, "the kernel takes no filter for router advertisements");
    }

    private void ChangeMembership(int link, SocketOptionName change)
    {
        try
        {
            var group = BgpSocket.EndPoint(AllRouters, 0, link).Address;
            _socket!.SetSocketOption(SocketOptionLevel.IPv6, change, new IPv6MulticastOption(group, link));
        }
        catch (SocketException)
        {
            // An interface that is gone has no memberships. Without one solicitations are not heard, but advertisements are.
        }
    }

    private async Task ReadAsync(Socket socket)
    {
        var buffer = new byte[MostBytes];
        var any = new IPEndPoint(IPAddress.IPv6Any, 0);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var result = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, _end.Token).ConfigureAwait(false);
                var from = (IPEndPoint)result.RemoteEndPoint;
                // The scope of a link-local address is its interface; from any other one nothing is taken anyway.
                if (!from.Address.IsIPv6LinkLocal)
                    continue;
                var octets = buffer.AsSpan(0, result.ReceivedBytes).ToArray();
                var message = new BgpNodeInput.RouterMessageReceived((int)from.Address.ScopeId, BgpSocket.AddressOf(from), octets);
                await post(message, _end.Token).ConfigureAwait(false);
            }
            catch (SocketException) when (!_end.IsCancellationRequested)
            {
                // An error of a packet that was sent: the next one may be better.
                await Task.Delay(PauseAfterFailure).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }
}
