using System;
using System.Buffers.Binary;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Ndp;

/// <summary>Frames octet by octet: what Linux hosts really sent, and solicitations with any fault.</summary>
internal static class NdpFrames
{
    /// <summary>A host's probe whether fe80::ff:fe00:2 is free, with the nonce of RFC 7527; captured.</summary>
    public static readonly byte[] CapturedProbe = Convert.FromHexString(
        "3333ff000002020000000002" + "86dd" + "6000000000203aff" + "00000000000000000000000000000000" +
        "ff0200000000000000000001ff000002" + "8700292800000000" + "fe8000000000000000" + "0000fffe000002" + "0e01ac466aaa2f01");

    /// <summary>A host's answer that 2001:db8::10 is at 02:00:00:00:00:02; captured.</summary>
    public static readonly byte[] CapturedAdvertisement = Convert.FromHexString(
        "0200000000c1020000000002" + "86dd" + "6000000000203aff" + "20010db8000000000000000000000010" +
        "20010db8000000000000000000000001" + "88008a5560000000" + "20010db8000000000000000000000010" + "0201020000000002");

    public static readonly MacAddress ClientMac = new(0x0200000000c1);
    public static readonly IpAddress Client = IpAddress.Parse("2001:db8::1");

    /// <summary>A solicitation as the client sends it to the target's group; null source address options leave the option out.</summary>
    public static byte[] Solicitation(
        string target, string source = "2001:db8::1", string? destination = null, MacAddress? destinationMac = null,
        bool namesItself = true, byte hopLimit = 255)
    {
        var to = destination is null ? NdpGroup.SolicitedNode(IpAddress.Parse(target)) : IpAddress.Parse(destination);
        byte[] option = namesItself ? [1, 1, .. Octets(ClientMac)] : [];
        byte[] message = [135, 0, 0, 0, 0, 0, 0, 0, .. Octets(IpAddress.Parse(target)), .. option];
        return Frame(destinationMac ?? NdpGroup.MacOf(to), IpAddress.Parse(source), to, message, hopLimit);
    }

    /// <summary>An Ethernet frame with an ICMPv6 message, whose checksum is filled in.</summary>
    public static byte[] Frame(MacAddress destinationMac, IpAddress source, IpAddress destination, byte[] message, byte hopLimit = 255)
    {
        byte[] pseudo = [.. Octets(source), .. Octets(destination), 0, 0, 0, (byte)message.Length, 0, 0, 0, 58];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum.Finish(Checksum.Add(Checksum.Add(0, pseudo), message)));
        return
        [
            .. Octets(destinationMac), .. Octets(ClientMac), 0x86, 0xdd, 0x60, 0, 0, 0, 0, (byte)message.Length, 58, hopLimit,
            .. Octets(source), .. Octets(destination), .. message,
        ];
    }

    private static byte[] Octets(MacAddress mac)
    {
        var octets = new byte[6];
        mac.Write(octets);
        return octets;
    }

    private static byte[] Octets(IpAddress address)
    {
        var octets = new byte[16];
        address.Write(octets);
        return octets;
    }
}
