using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// What a speaker tells people in objects of the API: which Services it announces (<see cref="ServiceL2StatusWriter"/>) and to which
/// peers it advertises them (<see cref="ServiceBgpStatusWriter"/>), on the Service itself whether it is announced and why not
/// (<see cref="ServiceAnnouncedWriter"/>), what of the configuration it could not use (<see cref="ConfigurationStateWriter"/>), and what
/// it does and sees (<see cref="SpeakerStateWriter"/>). The node hands in what it decided; nothing here decides what is announced, and
/// nothing that is announced waits for what is written here.
/// </summary>
internal sealed class SpeakerReports
{
    private const string Component = "metallb-speaker";
    private const string NodeLabel = "metallb.io/node-name";

    private readonly SpeakerOptions _options;
    private readonly WatchSet _watches;
    private readonly ConfigKeeper _config;
    private readonly SpeakerOutputs _outputs;
    private readonly Queue<NodeOutput> _queue;
    private readonly WriteQueue _writes;
    private readonly OwnPod _pod;
    private readonly ServiceL2StatusWriter _layer2;
    private readonly ServiceBgpStatusWriter _bgp;
    private readonly ServiceAnnouncedWriter _announced;
    private readonly ConfigurationStateWriter _state;
    private readonly SpeakerStateWriter _self;
    private readonly PeerSessions _sessions = new();
    private ImmutableArray<ConfigRejection> _judged;
    private ImmutableArray<AddressConflict> _conflicts = [];
    private Statement? _verdict;
    private bool _isCaughtUp;
    private SpeakerDuty _duty = new([]);

    /// <summary>Begins to picture the objects that are written.</summary>
    /// <param name="options">What the operator chose.</param>
    /// <param name="pictures">The node's watches, its Services and its configuration.</param>
    /// <param name="ids">Numbers the writes.</param>
    /// <param name="orders">Where requests go, and what tells of those that were refused.</param>
    /// <param name="onOthers">Told of a Service about which another node says something else now.</param>
    public SpeakerReports(
        SpeakerOptions options,
        (WatchSet Watches, ReflectorMachine<Service> Services, ConfigKeeper Config) pictures,
        RequestIds ids,
        (Queue<NodeOutput> Queue, SpeakerOutputs Outputs) orders,
        Action<ObjectKey> onOthers)
    {
        (_options, _watches, _config) = (options, pictures.Watches, pictures.Config);
        (_queue, _outputs) = orders;
        _writes = new WriteQueue(ids, ServiceAnnouncedWriter.MostInFlight);
        _pod = new OwnPod(new ObjectKey(options.Namespace, options.PodName), _writes, _watches.Strings);
        _layer2 = new(options.Namespace, options.NodeName, _watches, ids, _pod, onOthers);
        _bgp = new(options.Namespace, options.NodeName, _watches, ids, _pod);
        _announced = new(pictures.Services, _writes, _watches.Strings, Component);
        var key = new ObjectKey(options.Namespace, $"speaker-{options.NodeName}");
        ConfigurationStateWriter? state = null;
        var states = _watches.AddSingle(KubeKinds.ConfigurationStates, key, _ => state!.Mark());
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [ConfigurationStateWriter.ComponentLabel] = "speaker",
            [NodeLabel] = options.NodeName,
        };
        _state = state = new(key, labels, "configReconcilerValid", states, _pod, _writes, _watches.Strings, Component);
        SpeakerStateWriter? self = null;
        var own = _watches.AddSingle(
            KubeKinds.SpeakerStates, new ObjectKey(options.Namespace, options.NodeName), _ => self!.Mark());
        _self = self = new(options, own, _pod, _writes, _watches.Strings, Component);
    }

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => Instant.Earlier(
        Instant.Earlier(Instant.Earlier(_writes.NextDeadline, Instant.Earlier(_layer2.NextDeadline, _bgp.NextDeadline)), SelfDeadline),
        Instant.Earlier(Instant.Earlier(_state.NextDeadline, _announced.NextDeadline), _sessions.NextDeadline));

    private Instant? SelfDeadline => _pod.IsSettled && _isCaughtUp ? _self.NextDeadline : null;

    /// <summary>The Services about which there is something to see that may have to go although they have no address.</summary>
    public IEnumerable<ObjectKey> Mentioned => _layer2.Services;

    /// <summary>Whether an answer belongs to a write of this one.</summary>
    public bool Owns(long requestId) => _writes.Owns(requestId) || _layer2.Owns(requestId) || _bgp.Owns(requestId);

    /// <summary>Takes the answer to a write.</summary>
    public void Handle(KubeResponse response, Instant now)
    {
        if (_layer2.Owns(response.Id))
            _layer2.Handle(response, now);
        else if (_bgp.Owns(response.Id))
            _bgp.Handle(response, now);
        else
            _writes.Handle(new WriteInput.Responded(response), now);
    }

    /// <summary>Says who lives, and so who speaks for what nobody announces.</summary>
    public void Use(SpeakerDuty duty) => (_duty, _layer2.Living) = (duty, duty.Living);

    /// <summary>The node's interfaces changed.</summary>
    public void ChangeLinks(IReadOnlyList<LinkState> links) => _self.ChangeLinks(links);

    /// <summary>The picture of the members changed.</summary>
    public void ChangeMembers(GossipSnapshot picture) => _self.ChangeMembers(picture.Members);

    /// <summary>Other peers than before are told of a Service.</summary>
    public void Advertise(ObjectKey service, IReadOnlyList<string> peers) => _bgp.Set(service, peers);

    /// <summary>The BGP sessions of this node, as far as Services speak of them.</summary>
    public PeerSessions Sessions => _sessions;

    /// <summary>The BGP sessions changed. True when the Services that are advertised may have to say something else.</summary>
    public bool ChangeSessions(BgpReport report, Instant now)
    {
        _self.ChangeSessions(report, _outputs.Utc, now);
        return _sessions.Take(report, now);
    }

    /// <summary>Time passes for the sessions. True when the Services that are advertised may have to say something else.</summary>
    public bool AdvanceSessions(Instant now) => _sessions.Advance(now);

    /// <summary>Other hosts began or ceased to claim addresses of this node; the Services that have them are to be decided anew.</summary>
    public void ChangeConflicts(ImmutableArray<AddressConflict> conflicts)
    {
        _conflicts = conflicts;
        _self.ChangeConflicts(conflicts.Select(item => new SpeakerConflict($"{item.Address}", item.Interface, $"{item.Mac}")));
    }

    /// <summary>Takes what was decided about a Service.</summary>
    /// <param name="key">The Service.</param>
    /// <param name="service">The Service as it is seen; null when it is gone.</param>
    /// <param name="change">What was announced for it before, and what is decided now.</param>
    /// <param name="view">What was decided from.</param>
    /// <param name="now">The time.</param>
    public void Take(
        ObjectKey key, Service? service, (SpeakerServiceState? Before, SpeakerDecision Decision) change, SpeakerView view, Instant now)
    {
        var decision = change.Decision;
        var (before, after) = (change.Before?.Announced ?? [], decision.State?.Announced ?? []);
        if (!before.SequenceEqual(after))
            _self.ChangeOwned(before, after);
        var owner = decision.Places.Select(place => place.Placement.Owner).FirstOrDefault(owner => owner is not null);
        // Addresses of two pools may have two announcers; as on MetalLB it is the first address that counts, so that the two do not undo
        // each other's statements for ever.
        var isFirst = decision.State is { Wishes: [var first, ..] } && service is { Status.Ingress: [var shown, ..] } &&
            IpAddress.TryParse(shown.Ip, out var address) && address == first.Address;
        var isNobodys = decision.State is null || decision.Places is [{ Placement.Owner: null }, ..];
        _layer2.Set(
            key, isFirst ? decision.State!.Wishes[0].Interfaces ?? [] : null,
            isNobodys && _layer2.Speaks(key) && _duty.Has(_options.NodeName, key));

        if (decision is { Places.Count: 0, State: not null })
            return;
        var statement = StatementOf(service, decision, view);
        var isSilent = statement is null && service is not null &&
            Statement.Find(service.Status.Conditions, Statement.Announced) is null;
        if (service is null || isSilent || IsOthers(service))
            _announced.Leave(key);
        else
            Speak(service, statement, (owner, decision.Places), view, now);
    }

    // The announcing node speaks; for a Service that is only to be advertised, one of the nodes that do; else the one whose duty it is.
    private void Speak(
        Service service, Statement? statement, (string? Owner, IReadOnlyList<PlacedAddresses> Places) decided, SpeakerView view,
        Instant now)
    {
        var (key, node) = (service.Key, _options.NodeName);
        var candidates = decided.Owner is null && statement is not null
            ? AdvertisedStatement.CandidatesOf(service, decided.Places, view)
            : [];
        TimeSpan? wait = null;
        var isMine = IsMine(key, decided.Owner);
        if (candidates.Count > 0)
        {
            var said = Statement.Find(service.Status.Conditions, Statement.Announced);
            var words = candidates.Contains(node) && !_layer2.IsClaimedByOthers(key)
                ? RouteVoucher.Speak(node, key, new(candidates), said, statement!)
                : null;
            (isMine, statement, wait) = (words is not null, words?.Statement, words?.Patience);
        }
        if (isMine)
            _announced.Set(service, statement, now, wait);
        else
            _announced.Leave(key);
    }

    /// <summary>Writes what differs.</summary>
    /// <param name="isCaughtUp">
    /// Whether every Service was decided once. Before, what an earlier process said of this node is not known to be wrong.
    /// </param>
    /// <param name="now">The time.</param>
    public void Advance(bool isCaughtUp, Instant now)
    {
        _isCaughtUp = isCaughtUp;
        _writes.Advance(now);
        _pod.Ask(now);
        Judge(now);
        _announced.Advance(_outputs.Utc, now);
        Drain(now);
        if (!isCaughtUp)
            return;
        foreach (var refused in _layer2.Advance(_queue, now).Concat(_bgp.Advance(_queue, now)))
            _outputs.TellRefused(refused);
    }

    // What a living node says of itself it knows better, and takes back when it is no longer so.
    private bool IsMine(ObjectKey key, string? owner) => owner is not null
        ? owner == _options.NodeName
        : _duty.Has(_options.NodeName, key) && !_layer2.IsClaimedByOthers(key);

    private bool IsOthers(Service service) => service.Spec.Type == "LoadBalancer" &&
        !SpeakerOptions.IsOurs(service.Spec.LoadBalancerClass, _options.LoadBalancerClass);

    private Statement? StatementOf(Service? service, SpeakerDecision decision, SpeakerView view)
    {
        if (service is null || service.Spec.Type != "LoadBalancer" || service.Status.Ingress.Count == 0)
            return null;
        if (decision.Places.Count == 0)
            return AnnouncedStatement.Unreadable(service);
        var claimed = _conflicts.FirstOrDefault(conflict => decision.State?.Announced.Contains(conflict.Address) == true);
        var statement = AnnouncedStatement.Of(service, decision.Places, _options.NodeName, view);
        return claimed is null || !statement.Holds ? statement : AnnouncedStatement.Claimed(claimed, _options.NodeName);
    }

    private void Judge(Instant now)
    {
        if (_config.IsComplete && _judged != _config.Rejections)
        {
            _judged = _config.Rejections;
            _verdict = ConfigurationStateWriter.Verdict(_judged);
            _state.Mark();
        }
        if (!_pod.IsSettled)
            return;
        _state.Flush(_verdict, _outputs.Utc, now);
        if (_isCaughtUp)
            _self.Flush(now);
    }

    private void Drain(Instant now)
    {
        while (_writes.TryTake(out var output))
        {
            if (output is WriteOutput.Send send)
                _queue.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
            else if (output is WriteOutput.Complete complete)
                Complete(complete, now);
        }
    }

    private void Complete(WriteOutput.Complete complete, Instant now)
    {
        if (_pod.Complete(complete))
        {
            if (_pod.Reference is null)
                _outputs.Log(SpeakerLog.NoOwnPod(_options.PodName, complete.Response?.StatusCode ?? 0));
        }
        else if (complete.Result is WriteResult.Refused or WriteResult.Overflowed)
        {
            _outputs.TellRefused(complete);
        }
        if ((_announced.Complete(complete, now) ?? _state.Complete(complete, now) ?? _self.Complete(complete, now)) is not null)
            _watches.Drain();
        Judge(now);
        _announced.Advance(_outputs.Utc, now);
    }
}
