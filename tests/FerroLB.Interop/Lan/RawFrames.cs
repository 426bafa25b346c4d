using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Interop.Lan;

/// <summary>Frames as no well-behaved host sends them.</summary>
internal static class RawFrames
{
    /// <summary>The MAC from which they come.</summary>
    public static readonly MacAddress Stranger = new(0x020000000042);

    private const int TargetOffset = 38;

    /// <summary>Sends frames from a host's eth0.</summary>
    public static void Send(TestLan lan, string host, IEnumerable<byte[]> frames)
    {
        var index = lan.IndexOf(host);
        NamespaceThread.Run(lan.NamespaceOf(host), () =>
        {
            using var sender = new FrameSender();
            foreach (var frame in frames)
                sender.Add(index, frame);
            sender.Flush();
            return true;
        });
    }

    /// <summary>A broadcast ARP request from 02:00:00:00:00:42, 10.98.0.66.</summary>
    public static byte[] Request(string target)
    {
        var frame = new byte[60];
        MacAddress.Broadcast.Write(frame);
        byte[] header = [0x02, 0, 0, 0, 0, 0x42, 0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01];
        byte[] sender = [0x02, 0, 0, 0, 0, 0x42, 10, 98, 0, 66];
        header.CopyTo(frame, 6);
        sender.CopyTo(frame, 22);
        IpAddress.Parse(target).Write(frame.AsSpan(TargetOffset));
        return frame;
    }

    /// <summary>A broadcast ARP packet by which 02:00:00:00:00:42 says that an address is its own.</summary>
    public static byte[] Claim(string address, ArpOperation operation)
    {
        var frame = new byte[EthernetHeader.MinimumFrameBytes];
        var ip = IpAddress.Parse(address);
        new ArpPacket(operation, Stranger, ip, MacAddress.Broadcast, ip).WriteFrame(frame, MacAddress.Broadcast);
        return frame;
    }

    /// <summary>An unsolicited Neighbor Advertisement by which 02:00:00:00:00:42 says that an address is its own.</summary>
    public static byte[] Advertisement(string address)
    {
        var frame = new byte[NdpPacket.FrameBytes];
        new NdpPacket(NdpType.Advertisement, IpAddress.Parse("fe80::42"), NdpGroup.AllNodes, IpAddress.Parse(address))
        {
            Flags = NdpFlags.Override,
            LinkLayerAddress = Stranger,
        }.WriteFrame(frame, NdpGroup.MacOf(NdpGroup.AllNodes), Stranger);
        return frame;
    }

    /// <summary>A frame with an 802.1Q tag: priority in bits 15-13, VLAN id in bits 11-0.</summary>
    public static byte[] Tagged(byte[] frame, ushort tag) =>
        [.. frame[..12], 0x81, 0x00, (byte)(tag >> 8), (byte)(tag & 0xFF), .. frame[12..]];

    /// <summary>Requests that are damaged at random places, or cut short; reproducible.</summary>
    public static IEnumerable<byte[]> Damaged(string target, int count)
    {
        var random = new SeededRandom(3);
        for (var i = 0; i < count; i++)
        {
            var frame = Request(target);
            for (var flips = random.Next(4); flips > 0; flips--)
                frame[6 + random.Next(frame.Length - 6)] = (byte)random.Next(256);
            yield return [.. frame.Take(14 + random.Next(frame.Length - 13))];
        }
    }
}
