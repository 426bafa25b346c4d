using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Which interfaces each node has: what this speaker states of its own to the others, and what they state of theirs. Elections use it only
/// while every member states its interfaces; one that does not, as MetalLB's, elects without such knowledge, and so must the others.
/// <para>
/// Stated are interfaces on which addresses can be announced and which have a carrier. What is lost is stated at once, because another node
/// has to take over. What is gained is stated at once as well, unless something was lost shortly before: then after a second, and after
/// twice as long, at most a minute, each time that it happens again within two minutes. So a cable with a loose contact moves addresses
/// away, and not to and fro.
/// </para>
/// </summary>
internal sealed class MemberInterfaces(SpeakerOptions options, Queue<NodeOutput> outputs)
{
    private static readonly TimeSpan LeastHold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostHold = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan HoldMemory = TimeSpan.FromMinutes(2);

    private SortedDictionary<string, (ImmutableArray<byte> Meta, StatedInterfaces? Stated)> _members = new(StringComparer.Ordinal);
    private StatedInterfaces _stated = StatedInterfaces.Nothing;
    private StatedInterfaces _present = StatedInterfaces.Nothing;
    private Instant? _lostAt;
    private Instant _heldUntil;
    private TimeSpan _hold = LeastHold;

    /// <summary>When <see cref="Advance"/> has something to state.</summary>
    public Instant? NextDeadline => options.Membership is null || _present.Equals(_stated) ? null : _heldUntil;

    /// <summary>Whether every member states its interfaces, so that elections use them.</summary>
    public bool AreUsed { get; private set; }

    /// <summary>The interfaces of a node as its speaker states them; null when elections must not use them.</summary>
    public StatedInterfaces? Of(string node) =>
        !AreUsed ? null
        : node == options.NodeName ? _stated
        : _members.TryGetValue(node, out var member) ? member.Stated : StatedInterfaces.Nothing;

    /// <summary>Takes in the interfaces of this node; whether an election can change by it.</summary>
    public bool ChangeLinks(IReadOnlyList<LinkState> links, Instant now)
    {
        var before = _present;
        _present = StatedInterfaces.Of(links.Select(LinkUse.Of).Where(use => use.IsUsable && use.Link.HasCarrier).Select(Describe));
        if (!_present.Includes(before))
            Hold(now);
        return (now >= _heldUntil || !_present.Includes(_stated)) && State();
    }

    /// <summary>States what was held back for long enough; whether an election can change by it.</summary>
    public bool Advance(Instant now) => NextDeadline is { } due && now >= due && State();

    /// <summary>Takes in the picture of the members; whether an election can change by it.</summary>
    public bool Handle(GossipSnapshot picture)
    {
        if (options.Membership is null)
            return false;
        var members = new SortedDictionary<string, (ImmutableArray<byte> Meta, StatedInterfaces? Stated)>(StringComparer.Ordinal);
        var isChanged = false;
        foreach (var member in picture.Members.Where(member => member.IsPresent && member.Name != options.NodeName))
        {
            var isSame = _members.TryGetValue(member.Name, out var known) && known.Meta.AsSpan().SequenceEqual(member.Meta.AsSpan());
            members[member.Name] = isSame ? known : (member.Meta, InterfaceStatement.Decode(member.Meta.AsSpan()));
            isChanged |= !isSame;
        }
        isChanged |= members.Count != _members.Count;
        _members = members;
        var silent = members.Where(member => member.Value.Stated is null).Select(member => member.Key).FirstOrDefault();
        if (AreUsed != (silent is null))
        {
            AreUsed = silent is null;
            var line = silent is null ? MembershipLog.InterfacesStated() : MembershipLog.InterfacesUnknown(silent);
            outputs.Enqueue(new NodeOutput.WriteLog(line));
            return true;
        }
        return isChanged && AreUsed;
    }

    private static StatedInterface Describe(LinkUse use) => new(
        use.Link.Name,
        use.IsUsableForIpv6,
        [
            .. use.Link.Addresses.Where(address => !address.Address.IsLinkLocal && address.PrefixLength < address.Address.BitCount)
                .Select(address => new IpPrefix(address.Address, address.PrefixLength)).Distinct().Order(),
        ]);

    private void Hold(Instant now)
    {
        var isRepeated = _lostAt is { } before && now - before < HoldMemory;
        _hold = !isRepeated ? LeastHold : _hold * 2 < MostHold ? _hold * 2 : MostHold;
        (_lostAt, _heldUntil) = (now, now + _hold);
    }

    private bool State()
    {
        if (_present.Equals(_stated))
            return false;
        _stated = _present;
        if (options.Membership is not null)
            outputs.Enqueue(new NodeOutput.StateMetadata(InterfaceStatement.Encode(_stated)));
        return AreUsed;
    }
}
