using System;
using System.Buffers.Binary;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Linux;

/// <summary>struct sockaddr_in and sockaddr_in6 as octets.</summary>
internal static class InetAddress
{
    /// <summary>Room for either.</summary>
    public const int MostBytes = 28;

    private const int BytesOfV4 = 16;

    /// <summary>Writes an address; the octets that it takes.</summary>
    /// <param name="bytes">At least <see cref="MostBytes"/>.</param>
    /// <param name="address">The IP address.</param>
    /// <param name="port">The port.</param>
    /// <param name="linkIndex">The interface of a link-local IPv6 address.</param>
    public static int Write(Span<byte> bytes, IpAddress address, int port, int linkIndex)
    {
        bytes.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)port);
        if (address.IsIPv4)
        {
            BitConverter.TryWriteBytes(bytes, (ushort)Libc.AddressFamilyInet);
            address.Write(bytes.Slice(4, 4));
            return BytesOfV4;
        }
        BitConverter.TryWriteBytes(bytes, (ushort)Libc.AddressFamilyInet6);
        address.Write(bytes.Slice(8, 16));
        if (address.IsLinkLocal)
            BitConverter.TryWriteBytes(bytes[24..], linkIndex);
        return MostBytes;
    }

    /// <summary>Reads the IP address that the kernel wrote.</summary>
    public static IpAddress Read(ReadOnlySpan<byte> bytes) =>
        BitConverter.ToUInt16(bytes) == Libc.AddressFamilyInet ? IpAddress.Read(bytes.Slice(4, 4)) : IpAddress.Read(bytes.Slice(8, 16));
}
