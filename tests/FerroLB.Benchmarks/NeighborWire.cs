using System;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Benchmarks;

/// <summary>How a client asks for an address, by ARP or by NDP depending on its own address.</summary>
/// <param name="Mac">The client's MAC.</param>
/// <param name="Address">The client's address.</param>
internal sealed record NeighborWire(MacAddress Mac, IpAddress Address)
{
    private const int ArpOperationOffset = 20;
    private const int ArpSenderOffset = 28;
    private const int NdpTypeOffset = 54;
    private const int NdpTargetOffset = 62;

    /// <summary>What the frames carry.</summary>
    public ushort EtherType => (ushort)(Address.IsIPv4 ? Protocols.Ethernet.EtherType.Arp : Protocols.Ethernet.EtherType.IPv6);

    /// <summary>The frame that asks.</summary>
    public byte[] Question(IpAddress target)
    {
        if (Address.IsIPv4)
        {
            var request = new byte[EthernetHeader.MinimumFrameBytes];
            new ArpPacket(ArpOperation.Request, Mac, Address, MacAddress.Zero, target).WriteFrame(request, MacAddress.Broadcast);
            return request;
        }
        var solicitation = new byte[NdpPacket.FrameBytes];
        var group = NdpGroup.SolicitedNode(target);
        new NdpPacket(NdpType.Solicitation, Address, group, target) { LinkLayerAddress = Mac }
            .WriteFrame(solicitation, NdpGroup.MacOf(group), Mac);
        return solicitation;
    }

    /// <summary>Whether a frame answers.</summary>
    public bool IsAnswer(ReadOnlySpan<byte> frame, IpAddress target)
    {
        if (frame.Length < 42 || MacAddress.Read(frame) != Mac)
            return false;
        return Address.IsIPv4
            ? frame[ArpOperationOffset + 1] == (byte)ArpOperation.Reply && IpAddress.Read(frame.Slice(ArpSenderOffset, 4)) == target
            : frame.Length >= NdpTargetOffset + 16 && frame[NdpTypeOffset] == (byte)NdpType.Advertisement &&
                IpAddress.Read(frame.Slice(NdpTargetOffset, 16)) == target;
    }
}
