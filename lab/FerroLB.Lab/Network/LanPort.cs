using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>A socket in the wall: one interface of one machine on one segment.</summary>
public sealed class LanPort
{
    internal LanPort(LanSegment segment, int index, string name, MacAddress mac, IFrameReceiver receiver) =>
        (Segment, Index, Name, Mac, Receiver) = (segment, index, name, mac, receiver);

    /// <summary>The wire it is on.</summary>
    public LanSegment Segment { get; }

    /// <summary>Its place on the segment, from 0.</summary>
    public int Index { get; }

    /// <summary>Its name in the trace.</summary>
    public string Name { get; }

    /// <summary>The interface's hardware address, by which the switch delivers.</summary>
    public MacAddress Mac { get; }

    /// <summary>Who gets the frames; replaced when a machine is restarted.</summary>
    public IFrameReceiver Receiver { get; set; }

    /// <summary>Whether the cable is plugged in; without it nothing goes in or out.</summary>
    public bool HasCarrier { get; set; } = true;

    /// <summary>
    /// The multicast groups that a program behind the port is a member of, by their hardware addresses: the switch snoops on the reports
    /// and brings it no others, but for broadcasts and what goes to all nodes.
    /// </summary>
    public ISet<MacAddress> Groups { get; } = new SortedSet<MacAddress>();
}
