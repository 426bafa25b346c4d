using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Memberships of IPv6 multicast groups: the kernel reports each to the LAN (MLD), so that switches which snoop forward the group's frames
/// here, and lets the network card pass them. What arrives is not read here but by packet sockets. The kernel bounds how many groups one
/// socket may hold by its memory, so another socket is opened when one is full.
/// </summary>
internal sealed unsafe class GroupMembership : IDisposable
{
    private readonly List<int> _sockets = [];
    private readonly Dictionary<(int LinkIndex, IpAddress Group), int> _memberships = [];

    /// <summary>How many sockets are open.</summary>
    public int SocketCount => _sockets.Count;

    /// <summary>Joins a group on an interface; once more changes nothing.</summary>
    /// <exception cref="LinuxException">No such interface, or IPv6 is off.</exception>
    public void Join(int linkIndex, IpAddress group)
    {
        if (_memberships.ContainsKey((linkIndex, group)))
            return;
        foreach (var socket in _sockets)
        {
            if (TryChange(socket, Libc.OptionJoinGroup, linkIndex, group))
            {
                _memberships[(linkIndex, group)] = socket;
                return;
            }
            if (Marshal.GetLastPInvokeError() is not (Libc.ErrorNoMemory or Libc.ErrorNoBufferSpace))
                throw LinuxException.FromLastError($"join the group {group} on interface {linkIndex}");
        }
        var added = Open();
        if (!TryChange(added, Libc.OptionJoinGroup, linkIndex, group))
        {
            var error = LinuxException.FromLastError($"join the group {group} on interface {linkIndex}");
            _ = Libc.Close(added);
            throw error;
        }
        _sockets.Add(added);
        _memberships[(linkIndex, group)] = added;
    }

    /// <summary>Leaves a group; that of an interface which is gone has ended by itself.</summary>
    public void Leave(int linkIndex, IpAddress group)
    {
        if (_memberships.Remove((linkIndex, group), out var socket))
            _ = TryChange(socket, Libc.OptionLeaveGroup, linkIndex, group);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var socket in _sockets)
            _ = Libc.Close(socket);
        _sockets.Clear();
    }

    private static int Open()
    {
        var socket = Libc.Socket(Libc.AddressFamilyInet6, Libc.SocketDatagram | Libc.SocketCloseOnExec, 0);
        return socket >= 0 ? socket : throw LinuxException.FromLastError("open a socket for multicast groups");
    }

    private static bool TryChange(int socket, int option, int linkIndex, IpAddress group)
    {
        var request = stackalloc byte[20];
        group.Write(new Span<byte>(request, 16));
        *(int*)(request + 16) = linkIndex;
        return Libc.SetSocketOption(socket, Libc.LevelIpv6, option, request, 20) == 0;
    }
}
