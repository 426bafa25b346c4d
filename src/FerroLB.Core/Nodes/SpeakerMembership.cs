using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// On which nodes a speaker lives, as the speakers themselves see it. The pods of the speakers are listed at the start and every five
/// minutes; those of them that are no members are to be joined at once, every minute, and when this node's own object changes. As long as
/// heartbeats are heard of a node that is no member, as after the end of a partition that lasted so long that both sides have given each
/// other up, the wait is a second, doubled each time. Without membership the Node objects are asked instead (<see cref="NodeLiveness"/>).
/// <para>
/// A speaker that has just started knows of nobody and would claim every address. So it elects only when it has met another one, or the
/// API knows of none, or it has waited in vain since the API first answered. And it joins the others only when it has read everything, so
/// that it can announce at once what they then hand over to it.
/// </para>
/// </summary>
internal sealed class SpeakerMembership(SpeakerOptions options, RequestIds ids, StringTable strings, Queue<NodeOutput> outputs)
{
    private const int PodsPerPage = 500;
    private static readonly TimeSpan FirstHastenedJoin = TimeSpan.FromSeconds(1);

    private readonly MembershipOptions? _options = options.Membership;
    private SortedSet<string> _present = new(StringComparer.Ordinal) { options.NodeName };
    private SortedSet<string> _heard = new(StringComparer.Ordinal);
    private SortedSet<GossipAddress> _memberAddresses = [];
    private SortedSet<GossipAddress> _pods = [];
    private SortedSet<GossipAddress> _found = [];
    private long _listRequest;
    private bool _mayElect = options.Membership is null;
    private bool _isListed;
    private bool _isStarted;
    private Instant? _answeredAt;
    private Instant? _mayJoinSince;
    private Instant _nextList;
    private Instant _nextJoin = Instant.MaxValue;
    private Instant _lastJoin;
    private int _hastenedJoins;

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline
    {
        get
        {
            if (_options is null || !_isStarted)
                return null;
            Instant? next = _nextJoin == Instant.MaxValue ? null : _nextJoin;
            next = Instant.Earlier(next, _listRequest == 0 ? _nextList : null);
            return _mayElect ? next : Instant.Earlier(next, WaitingSince + _options.StartPatience);
        }
    }

    /// <summary>Whether enough is known of the others to hold elections.</summary>
    public bool MayElect => _mayElect;

    private Instant? WaitingSince => _answeredAt > _mayJoinSince ? _answeredAt : _answeredAt is null ? null : _mayJoinSince;

    /// <summary>Whether an answer belongs here.</summary>
    public bool Owns(long requestId) => requestId != 0 && requestId == _listRequest;

    /// <summary>Whether a speaker lives on a node.</summary>
    public bool IsAlive(Node node) => _options is null ? NodeLiveness.IsAlive(node) : _present.Contains(node.Key.Name);

    /// <summary>Does what is due.</summary>
    public void Advance(Instant now)
    {
        if (_options is null)
            return;
        _isStarted = true;
        if (_listRequest == 0 && now >= _nextList)
            List(next: null);
        if (now >= _nextJoin)
            Join(now);
        if (!_mayElect && now >= WaitingSince + _options.StartPatience)
        {
            _mayElect = true;
            outputs.Enqueue(new NodeOutput.WriteLog(MembershipLog.Alone(_pods.Count)));
        }
    }

    /// <summary>The list of pods came, or failed.</summary>
    public void Handle(KubeResponse response, Instant now)
    {
        _listRequest = 0;
        _answeredAt ??= now;
        string problem = response.Failure ?? $"status {response.StatusCode}";
        var page = response.IsSuccess ? KubeKinds.Pods.ReadPage(response.Body, strings, out problem) : null;
        if (page is null)
        {
            _nextList = now + _options!.RetryInterval;
            outputs.Enqueue(new NodeOutput.WriteLog(MembershipLog.ListFailed(problem)));
            return;
        }
        _found.UnionWith(page.Items.Select(AddressOf).OfType<GossipAddress>().Where(address => address != _options!.Address));
        if (page.Continue is not null)
        {
            List(page.Continue);
            return;
        }
        _nextList = now + _options!.ListInterval;
        (_isListed, _pods) = (true, _found);
        OpenElections();
        Join(now);
    }

    /// <summary>The heartbeats of these nodes are heard.</summary>
    public void Hear(IEnumerable<string> nodes)
    {
        _heard = new(nodes, StringComparer.Ordinal);
        HastenJoin();
    }

    /// <summary>The picture of the members changed; whether that can change an election.</summary>
    public bool Handle(GossipSnapshot picture)
    {
        if (_options is null)
            return false;
        var present = new SortedSet<string>(StringComparer.Ordinal) { options.NodeName };
        _memberAddresses = [];
        foreach (var member in picture.Members.Where(member => member.IsPresent))
        {
            present.Add(member.Name);
            _memberAddresses.Add(member.Address);
        }
        var isChanged = !present.SetEquals(_present);
        _present = present;
        OpenElections();
        HastenJoin();
        return isChanged;
    }

    /// <summary>
    /// This node knows everything else and can announce as soon as it has met the others. Not before, because they hand addresses over to
    /// it when they meet it.
    /// </summary>
    public void AllowJoining(Instant now)
    {
        if (_options is null || _mayJoinSince is not null)
            return;
        _mayJoinSince = now;
        if (_isListed)
            Join(now);
    }

    /// <summary>This node's own object changed: perhaps the network did as well.</summary>
    public void Rejoin(Instant now)
    {
        if (_isListed)
            Join(now);
    }

    private void OpenElections() => _mayElect |= _present.Count > 1 || (_isListed && _pods.Count == 0);

    private GossipAddress? AddressOf(Pod pod) =>
        IpAddress.TryParse(pod.PodIP, out var ip) ? new GossipAddress(ip, _options!.Address.Port) : null;

    // The addresses of a page are added to those of the pages before.
    private void List(string? next)
    {
        if (next is null)
            _found = [];
        _listRequest = ids.Next();
        outputs.Enqueue(new NodeOutput.SendKubeRequest(new()
        {
            Id = _listRequest,
            Verb = KubeVerb.List,
            Resource = KubeResource.Pods,
            Namespace = options.Namespace,
            LabelSelector = _options!.Labels,
            PageSize = PodsPerPage,
            Continue = next,
        }));
    }

    private void Join(Instant now)
    {
        if (_mayJoinSince is null)
            return;
        (_lastJoin, _nextJoin) = (now, now + _options!.JoinInterval);
        if (!_heard.IsSubsetOf(_present))
            _hastenedJoins++;
        HastenJoin();
        var strangers = _pods.Except(_memberAddresses).ToImmutableArray();
        if (!strangers.IsEmpty)
            outputs.Enqueue(new NodeOutput.JoinMembers(strangers));
    }

    private void HastenJoin()
    {
        if (_heard.IsSubsetOf(_present))
            _hastenedJoins = 0;
        else if (_nextJoin != Instant.MaxValue)
        {
            var hastened = _lastJoin + new BackOff(FirstHastenedJoin, _options!.JoinInterval).After(_hastenedJoins);
            _nextJoin = hastened < _nextJoin ? hastened : _nextJoin;
        }
    }
}
