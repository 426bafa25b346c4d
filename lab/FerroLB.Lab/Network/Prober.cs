using System;
using System.Collections.Generic;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>A host without a cache that asks the segment who owns an address and collects who answers, as arping does.</summary>
public sealed class Prober : IFrameReceiver
{
    private readonly LanPort _port;
    private readonly IpAddress _address;
    private readonly IpAddress _linkLocal;
    private readonly SortedDictionary<IpAddress, SortedSet<MacAddress>> _answers = [];

    /// <summary>Connects a prober.</summary>
    public Prober(VirtualWorld world, LanSegment segment, IpAddress address)
    {
        ArgumentNullException.ThrowIfNull(world);
        _address = address;
        _port = segment.Connect(segment.Name + "/prober", new MacAddress(0x02_FF_00_00_00_00UL + (ulong)segment.Ports.Count), this);
        _linkLocal = LabAddress.LinkLocal(_port.Mac);
    }

    /// <summary>Who answered since the last question, by address.</summary>
    public IReadOnlyDictionary<IpAddress, SortedSet<MacAddress>> Answers => _answers;

    /// <summary>Its port, for who looks at the wire.</summary>
    public LanPort Port => _port;

    /// <summary>Asks for addresses anew.</summary>
    public void Ask(IEnumerable<IpAddress> addresses)
    {
        _answers.Clear();
        foreach (var address in addresses)
        {
            _answers[address] = [];
            _port.Segment.Send(_port, address.IsIPv4
                ? ArpFrame.Request(_port.Mac, _address, address).Encode()
                : NdpFrame.Ask(_port.Mac, _linkLocal, address).Encode());
        }
    }

    /// <inheritdoc/>
    public void Receive(LanPort port, byte[] frame)
    {
        if (ArpFrame.Decode(frame) is { IsReply: true } reply && reply.TargetIp == _address)
            Note(reply.SenderIp, reply.SenderMac);
        else if (NdpFrame.Decode(frame) is { IsAdvertisement: true, IsSolicited: true, LinkLayer: { } mac } advertisement &&
            advertisement.DestinationIp == _linkLocal)
            Note(advertisement.Target, mac);
    }

    private void Note(IpAddress address, MacAddress mac)
    {
        if (_answers.TryGetValue(address, out var macs))
            macs.Add(mac);
    }
}
