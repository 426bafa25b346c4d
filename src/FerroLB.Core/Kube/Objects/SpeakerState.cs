using System;
using System.Collections.Generic;
using System.Linq;

namespace FerroLB.Core.Kube.Objects;

/// <summary>ferrolb.io/v1alpha1 SpeakerState: what the speaker of one node does and sees; written by that speaker.</summary>
public sealed record SpeakerState : OwnedObject
{
    /// <summary>What it says; null before the first word.</summary>
    public SpeakerStateStatus? Status { get; init; }
}

/// <summary>Status of a <see cref="SpeakerState"/>. Two are equal when they say the same.</summary>
public sealed record SpeakerStateStatus
{
    /// <summary>The node's name.</summary>
    public string Node { get; init; } = "";

    /// <summary>How many addresses the node announces by layer 2.</summary>
    public int OwnedAddressCount { get; init; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<string> OwnedAddresses { get; init; } = [];

    /// <summary>The node's interfaces, without those that are excluded, by name.</summary>
    public IReadOnlyList<SpeakerInterface> Interfaces { get; init; } = [];

    /// <summary>The names of those of <see cref="Interfaces"/> that are used, for people.</summary>
    public string UsableInterfaces => string.Join(", ", Interfaces.Where(item => item.IsUsable).Select(item => item.Name));

    /// <summary>How many speakers live, this one among them.</summary>
    public int LivingMemberCount { get; init; }

    /// <summary>The speakers that this one knows of, by name.</summary>
    public IReadOnlyList<SpeakerMember> Members { get; init; } = [];

    /// <summary>The addresses of this node that other hosts claim.</summary>
    public IReadOnlyList<SpeakerConflict> Conflicts { get; init; } = [];

    /// <summary>The BGP sessions, by peer.</summary>
    public IReadOnlyList<SpeakerSession> Sessions { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(SpeakerStateStatus? other) =>
        other is not null && Node == other.Node && OwnedAddressCount == other.OwnedAddressCount &&
        LivingMemberCount == other.LivingMemberCount && OwnedAddresses.SequenceEqual(other.OwnedAddresses) &&
        Interfaces.SequenceEqual(other.Interfaces) && Members.SequenceEqual(other.Members) && Conflicts.SequenceEqual(other.Conflicts) &&
        Sessions.SequenceEqual(other.Sessions);

    /// <inheritdoc/>
    public override int GetHashCode() => OwnedAddressCount;
}

/// <summary>An interface of a <see cref="SpeakerState"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsUsable">Whether IPv4 addresses can be announced on it.</param>
/// <param name="IsUsableForIpv6">Whether IPv6 addresses can be announced on it.</param>
/// <param name="Reason">Why not; empty when both can.</param>
public sealed record SpeakerInterface(string Name, bool IsUsable, bool IsUsableForIpv6, string Reason);

/// <summary>A speaker that another one knows of.</summary>
/// <param name="Name">Its node.</param>
/// <param name="State">Alive, Failed or Left.</param>
public sealed record SpeakerMember(string Name, string State);

/// <summary>Another host claims an address.</summary>
/// <param name="Address">The address.</param>
/// <param name="Interface">The interface on which the other host is heard.</param>
/// <param name="Mac">The other host's hardware address.</param>
public sealed record SpeakerConflict(string Address, string Interface, string Mac);

/// <summary>A BGP session.</summary>
/// <param name="Peer">The name of the BGPPeer.</param>
/// <param name="State">The state of the session, as RFC 4271 names them.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="LastError">Why it was last closed, or null.</param>
/// <param name="PrefixesSent">How many prefixes are advertised over it.</param>
/// <param name="BfdState">The state of its BFD session, or null when it has none.</param>
public sealed record SpeakerSession(
    string Peer, string State, DateTimeOffset? Since, string? LastError, int PrefixesSent, string? BfdState);
