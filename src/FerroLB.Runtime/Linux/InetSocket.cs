using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Linux;

/// <summary>Steps that IPv4 and IPv6 sockets have in common, with the family's own numbers.</summary>
internal static unsafe class InetSocket
{
    /// <summary>Opens a UDP socket that does not block, in a VRF ("" for the default one).</summary>
    /// <exception cref="LinuxException">No such VRF, no IPv6, or out of descriptors.</exception>
    public static int OpenDatagram(AddressFamily family, string vrf)
    {
        var isV4 = family == AddressFamily.IPv4;
        var descriptor = Libc.Socket(
            isV4 ? Libc.AddressFamilyInet : Libc.AddressFamilyInet6,
            Libc.SocketDatagram | Libc.SocketNonBlocking | Libc.SocketCloseOnExec, 0);
        if (descriptor < 0)
            throw LinuxException.FromLastError($"open a UDP socket of {family}");
        if (isV4 || Libc.TrySetNumber(descriptor, Libc.LevelIpv6, Libc.OptionIpv6Only, 1))
        {
            if (vrf.Length == 0)
                return descriptor;
            var link = (int)Libc.LinkIndexOf(vrf);
            if (link != 0 && Libc.TrySetNumber(descriptor, Libc.LevelSocket, Libc.OptionBindToLink, link))
                return descriptor;
        }
        var error = LinuxException.FromLastError($"open a UDP socket of {family}{(vrf.Length == 0 ? "" : $" in VRF {vrf}")}");
        _ = Libc.Close(descriptor);
        throw error;
    }

    /// <summary>Confines a socket to an interface.</summary>
    /// <exception cref="LinuxException">No such interface.</exception>
    public static void BindToLink(int descriptor, int linkIndex)
    {
        if (!Libc.TrySetNumber(descriptor, Libc.LevelSocket, Libc.OptionBindToLink, linkIndex))
            throw LinuxException.FromLastError($"bind a socket to interface {linkIndex}");
    }

    /// <summary>Sets the TTL or hop limit of what is sent.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void SetTimeToLive(int descriptor, AddressFamily family, int timeToLive) => Set(
        descriptor, family, Libc.OptionIpv4TimeToLive, Libc.OptionIpv6HopLimitOfSocket, timeToLive, "the TTL");

    /// <summary>Sets the TOS or traffic class of what is sent.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void SetTrafficClass(int descriptor, AddressFamily family, int trafficClass) => Set(
        descriptor, family, Libc.OptionIpv4TrafficClass, Libc.OptionIpv6TrafficClass, trafficClass, "the traffic class");

    /// <summary>Binds a socket to an address and a port.</summary>
    /// <exception cref="LinuxException">The address is not this node's, or the port is taken.</exception>
    public static void Bind(int descriptor, IpAddress address, int port, int linkIndex)
    {
        var name = stackalloc byte[InetAddress.MostBytes];
        var length = InetAddress.Write(new(name, InetAddress.MostBytes), address, port, linkIndex);
        if (Libc.Bind(descriptor, name, (uint)length) != 0)
            throw LinuxException.FromLastError($"bind a socket to {address} port {port}");
    }

    private static void Set(int descriptor, AddressFamily family, int optionOfV4, int optionOfV6, int value, string what)
    {
        var isSet = family == AddressFamily.IPv4
            ? Libc.TrySetNumber(descriptor, Libc.LevelIpv4, optionOfV4, value)
            : Libc.TrySetNumber(descriptor, Libc.LevelIpv6, optionOfV6, value);
        if (!isSet)
            throw LinuxException.FromLastError($"set {what} of a socket");
    }
}
