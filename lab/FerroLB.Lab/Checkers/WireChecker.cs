using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Network;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Watches the segments: what speakers send must be well-formed ARP or NDP about addresses that some Service has, from the interface's own
/// hardware address; and it keeps, per address and segment, who answered the last question of the prober.
/// </summary>
public sealed class WireChecker
{
    private readonly LabCluster _cluster;
    private readonly AddressChecker _addresses;
    private readonly SortedDictionary<(int Segment, IpAddress Address), Instant> _doubleSince = [];
    private readonly SortedSet<int> _speakerPorts = [];

    /// <summary>Puts a mirror port on every segment.</summary>
    public WireChecker(LabCluster cluster, AddressChecker addresses)
    {
        (_cluster, _addresses) = (cluster, addresses);
        _speakerPorts.UnionWith(cluster.Nodes.SelectMany(node => node.Ports).Select(port => port.Index));
        foreach (var segment in cluster.Segments)
            segment.Mirror = Judge;
    }

    /// <summary>Unasked announcements seen.</summary>
    public long GratuitousFrames { get; private set; }

    /// <summary>Answers seen.</summary>
    public long Answers { get; private set; }

    /// <summary>
    /// Two nodes answered for one address since when, the longest such time that is still going on; null when no address has two owners.
    /// </summary>
    public (IpAddress Address, Instant Since)? LongestDouble()
    {
        (IpAddress, Instant)? longest = null;
        foreach (var ((_, address), since) in _doubleSince)
        {
            if (longest is not { } known || since < known.Item2)
                longest = (address, since);
        }
        return longest;
    }

    /// <summary>Takes note of what the probers heard.</summary>
    public void NoteAnswers()
    {
        for (var i = 0; i < _cluster.Probers.Count; i++)
        {
            foreach (var (address, macs) in _cluster.Probers[i].Answers)
            {
                if (macs.Count < 2)
                    _doubleSince.Remove((i, address));
                else
                    _doubleSince.TryAdd((i, address), _cluster.World.Now);
            }
        }
    }

    /// <summary>Who answered the last question, as (node, interface) pairs.</summary>
    public SortedSet<(string Node, string Interface)> OwnersOf(IpAddress address)
    {
        var owners = new SortedSet<(string, string)>();
        for (var i = 0; i < _cluster.Probers.Count; i++)
        {
            if (!_cluster.Probers[i].Answers.TryGetValue(address, out var macs))
                continue;
            foreach (var mac in macs)
                owners.Add((_cluster.Nodes.FirstOrDefault(node => node.Owns(mac))?.Name ?? mac.ToString(), $"eth{i}"));
        }
        return owners;
    }

    private void Judge(LanPort port, byte[] frame)
    {
        if (!_speakerPorts.Contains(port.Index) || !port.Name.StartsWith("node-", StringComparison.Ordinal))
            return;
        if (ArpFrame.Decode(frame) is { } packet)
            Judge(port, packet.Source, packet.SenderMac, packet.SenderIp, isUnasked: packet.SenderIp == packet.TargetIp);
        else if (NdpFrame.Decode(frame) is { IsAdvertisement: true, LinkLayer: { } mac } advertisement && IsWellFormed(advertisement))
            Judge(port, advertisement.Source, mac, advertisement.Target, isUnasked: !advertisement.IsSolicited);
        else
            _cluster.World.Report("wire", $"{port.Name} sent something that is neither ARP nor NDP: {Convert.ToHexString(frame)}");
    }

    // RFC 4861 4.4: solicited to the one who asked, unsolicited to all nodes; a proxy would not override, the owner does when unasked.
    private static bool IsWellFormed(NdpFrame advertisement)
    {
        var isToGroup = advertisement.DestinationIp.Value >> 120 == 0xff;
        return advertisement.SourceIp == LabAddress.LinkLocal(advertisement.Source) && advertisement.IsSolicited != isToGroup &&
            advertisement.Overrides == isToGroup &&
            (!isToGroup || advertisement.Destination == NdpFrame.MacOf(advertisement.DestinationIp));
    }

    private void Judge(LanPort port, MacAddress source, MacAddress spokenFor, IpAddress address, bool isUnasked)
    {
        if (source != port.Mac || spokenFor != port.Mac)
            _cluster.World.Report("wire", $"{port.Name} spoke for the hardware address {spokenFor}");
        if (isUnasked)
            GratuitousFrames++;
        else
            Answers++;
        if (!_addresses.WasHeld(address))
            _cluster.World.Report("wire", $"{port.Name} announced {address}, which no Service has");
    }
}
