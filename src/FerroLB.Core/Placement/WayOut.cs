using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>From where a node would announce: its usable interfaces, and which of them it may use for a Service (null: all).</summary>
internal sealed record WayOut(StatedInterfaces Stated, ImmutableSortedSet<string>? Allowed)
{
    /// <summary>Whether an advertisement that covers the node allows addresses outside of its subnets.</summary>
    public bool AllowsAnySubnet { get; init; }

    /// <summary>Whether the address is known to be announceable; not so when there were too many interfaces to say.</summary>
    public bool SurelyAnnounces(IpAddress address) => !Stated.IsEverything && Stated.CanAnnounce(address, Allowed);

    /// <summary>How many of the addresses can be announced.</summary>
    public int CountAnnounceable(IReadOnlyList<IpAddress> addresses) => addresses.Count(address => Stated.CanAnnounce(address, Allowed));

    /// <summary>Whether the address is known to lie in a subnet; not so when there were too many interfaces to say.</summary>
    public bool SurelyReaches(IpAddress address) => !Stated.IsEverything && Stated.IsInSubnet(address, Allowed);

    /// <summary>How many of the addresses lie in a subnet, or need not.</summary>
    public int CountReached(IReadOnlyList<IpAddress> addresses) =>
        AllowsAnySubnet ? addresses.Count : addresses.Count(address => Stated.IsInSubnet(address, Allowed));
}
