using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Keeps the SpeakerState of this node (<see cref="StandingObject{T}"/>): what it announces, on which interfaces it could, and whom it
/// sees. Written on change, at most once a second. A member that is only suspected counts as alive, so that doubts that pass cost no write.
/// Lists are bounded; the counts are not.
/// </summary>
internal sealed class SpeakerStateWriter
{
    /// <summary>Most addresses that are listed.</summary>
    public const int MostAddresses = 1_000;

    /// <summary>Most interfaces, members and conflicts that are listed, each.</summary>
    public const int MostOthers = 500;

    private static readonly TimeSpan LeastBetween = TimeSpan.FromSeconds(1);

    private readonly StandingObject<SpeakerState> _object;
    private readonly SortedDictionary<IpAddress, int> _owned = [];
    private SpeakerStateStatus _status;
    private bool _isOwnedStale;
    private bool _isChanged = true;
    private Instant _mayWriteAt = Instant.Zero;

    /// <summary>Looks after the object of a node.</summary>
    public SpeakerStateWriter(
        SpeakerOptions options, ReflectorMachine<SpeakerState> states, OwnPod pod, WriteQueue writes, StringTable strings,
        string fieldManager)
    {
        _status = new() { Node = options.NodeName };
        _object = new(
            KubeKinds.SpeakerStates,
            (new ObjectKey(options.Namespace, options.NodeName), new SortedDictionary<string, string>(StringComparer.Ordinal)), states,
            pod, writes, strings, fieldManager);
    }

    /// <summary>When something is to be written.</summary>
    public Instant? NextDeadline => Instant.Earlier(_object.NextDeadline, _isChanged ? _mayWriteAt : null);

    /// <summary>The object's picture changed.</summary>
    public void Mark() => _isChanged = true;

    /// <summary>The addresses that are announced for a Service changed; addresses are counted once, whoever shares them.</summary>
    public void ChangeOwned(ImmutableArray<IpAddress> before, ImmutableArray<IpAddress> now)
    {
        foreach (var address in now)
            _owned[address] = _owned.GetValueOrDefault(address) + 1;
        foreach (var address in before)
        {
            if (_owned.GetValueOrDefault(address) is var count and > 1)
                _owned[address] = count - 1;
            else
                _owned.Remove(address);
        }
        _isOwnedStale = _isChanged = true;
    }

    /// <summary>The node's interfaces changed.</summary>
    public void ChangeLinks(IReadOnlyList<LinkState> links) => Change(_status with
    {
        Interfaces = [.. links.OrderBy(link => link.Name, StringComparer.Ordinal).Take(MostOthers).Select(Describe)],
    });

    /// <summary>The picture of the members changed.</summary>
    public void ChangeMembers(ImmutableArray<GossipMember> members) => Change(_status with
    {
        LivingMemberCount = members.Count(member => member.IsPresent),
        Members = [.. members.OrderBy(member => member.Name, StringComparer.Ordinal).Take(MostOthers).Select(Describe)],
    });

    /// <summary>Other hosts began or ceased to claim addresses of this node.</summary>
    public void ChangeConflicts(IEnumerable<SpeakerConflict> conflicts) => Change(_status with
    {
        Conflicts = [.. conflicts.Take(MostOthers)],
    });

    /// <summary>The BGP sessions changed.</summary>
    /// <param name="report">All of them.</param>
    /// <param name="utc">The wall clock.</param>
    /// <param name="now">The time by which sessions are dated.</param>
    public void ChangeSessions(BgpReport report, DateTimeOffset utc, Instant now) => Change(_status with
    {
        Sessions = [.. report.Sessions.Take(MostOthers).Select(session => Describe(session, utc, now))],
    });

    /// <summary>Writes what differs, when it may.</summary>
    public void Flush(Instant now)
    {
        if (_isChanged && now >= _mayWriteAt)
        {
            _isChanged = false;
            _object.Mark();
        }
        _object.Flush(seen => PatchOf(seen, now), now);
    }

    /// <summary>Takes the end of a write, if it is this object's.</summary>
    public StatusWritten? Complete(WriteOutput.Complete complete, Instant now) => _object.Complete(complete, now);

    private ReadOnlyMemory<byte>? PatchOf(SpeakerState seen, Instant now)
    {
        var status = Current();
        if (status.Equals(seen.Status))
            return null;
        if (now < _mayWriteAt)
        {
            _isChanged = true;
            return null;
        }
        _mayWriteAt = now + LeastBetween;
        return SpeakerStateJson.Patch(seen.Metadata, status);
    }

    private void Change(SpeakerStateStatus status)
    {
        if (status.Equals(_status))
            return;
        _status = status;
        _isChanged = true;
    }

    private SpeakerStateStatus Current()
    {
        if (_isOwnedStale)
        {
            _status = _status with
            {
                OwnedAddressCount = _owned.Count,
                OwnedAddresses = [.. _owned.Keys.Take(MostAddresses).Select(address => address.ToString())],
            };
        }
        _isOwnedStale = false;
        return _status;
    }

    private static SpeakerInterface Describe(LinkState link)
    {
        var use = LinkUse.Of(link);
        var reason = !use.IsUsable ? LinkLog.ReasonText(use.Usability)
            : use.IsUsableForIpv6 ? "" : "it has no IPv6 link-local address for announcing IPv6";
        return new(link.Name, use.IsUsable, use.IsUsableForIpv6, reason);
    }

    // The same moment is dated by a clock that drifts: what was said of it stands.
    private SpeakerSession Describe(BgpSessionView session, DateTimeOffset utc, Instant now)
    {
        var exact = utc - (now - session.Since);
        var since = new DateTimeOffset(exact.Ticks - exact.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
        var said = _status.Sessions.FirstOrDefault(item => item.Peer == session.Peer && item.State == session.State.ToString());
        if (said?.Since is { } before && (before - since).Duration() <= TimeSpan.FromSeconds(1))
            since = before;
        return new(
            session.Peer, session.State.ToString(), since, session.LastError, session.PrefixesSent, session.Bfd?.ToString());
    }

    private static SpeakerMember Describe(GossipMember member) =>
        new(member.Name, member.IsPresent ? "Alive" : member.State == GossipMemberState.Left ? "Left" : "Failed");
}
