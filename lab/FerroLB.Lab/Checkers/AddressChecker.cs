using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Judges every write of a controller into a Service's status, in the order in which the store accepted them, whoever of the controllers
/// wrote it and however late it arrived. It sees the store and nothing of the machines.
/// <para>
/// A gain is right if a pool has the address and is open to the Service, if nobody else's status names the address, or all who do may share
/// it, and if it is what the Service asks for, when it asks. A status write names the version that it is based on, so the Service itself is
/// judged as it is; of others, and of pools and namespaces, a controller may know what was true within the last <see cref="Grace"/>. That
/// another Service has the address is no such thing: two statuses must never name one address unless sharing it was legal.
/// </para>
/// <para>
/// A loss is right only if something spoke against what the Service had, at some instant of the grace time: its type, class or families;
/// no pool surely had the address and was open to it; somebody had it too and they could not share; it asks, or asked just before, for
/// something else, and gets that; or somebody had edited its status by hand. Everything else is a Service renumbered unasked.
/// </para>
/// <para>What the controller does not own must survive its writes, and so must the order of addresses that stay.</para>
/// </summary>
public sealed class AddressChecker
{
    private static readonly SortedDictionary<string, string> NoLabels = new(StringComparer.Ordinal);

    private readonly VirtualWorld _world;
    private readonly PoolHistory _pools;
    private readonly SortedDictionary<ObjectKey, History> _histories = [];
    private readonly List<Form<NamespaceView>> _namespaces = [];

    /// <summary>Listens to a mirror that is not open yet.</summary>
    public AddressChecker(VirtualWorld world, StoreMirror mirror, PoolHistory pools)
    {
        (_world, _pools) = (world, pools);
        mirror.Pools.Changed = pools.Note;
        mirror.Namespaces.Changed = OnNamespace;
        mirror.Services.Changed = OnService;
    }

    /// <summary>How long ago a controller may have read what it acts on.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whose doing is what is written now.</summary>
    public string Writer { get; set; } = "";

    /// <summary>Told of each Service that a process gave an address.</summary>
    public Action<string, string>? Given { get; set; }

    /// <summary>Addresses given so far.</summary>
    public long Assignments { get; private set; }

    /// <summary>Status writes of controllers so far that were accepted.</summary>
    public long Writes { get; private set; }

    /// <summary>Whether some Service has, or had within the grace time, the address.</summary>
    public bool WasHeld(IpAddress address) => _histories.Values.Any(history =>
        history.Forms.Any(form => IsRecent(form.Until) && form.View.Addresses.Contains(address)));

    /// <summary>Whether somebody else than a controller wrote the Service's status at or after an instant.</summary>
    public bool WasHandledSince(ServiceView service, Instant since) =>
        _histories.TryGetValue(service.Key, out var history) && history.HandledAt is { } at && at >= since;

    private bool IsControllerWriting => Writer.StartsWith("controller", StringComparison.Ordinal);

    private void OnNamespace(NamespaceView? before, NamespaceView? after)
    {
        foreach (var form in _namespaces.Where(form => form.View.Name == before?.Name && form.Until is null))
            form.Until = _world.Now;
        if (after is not null)
            _namespaces.Add(new(after));
        _namespaces.RemoveAll(form => !IsRecent(form.Until));
    }

    private void OnService(ServiceView? before, ServiceView? after)
    {
        if (after is null)
        {
            if (_histories.TryGetValue(before!.Key, out var ended))
                ended.Forms[^1].Until = _world.Now;
            return;
        }
        if (!_histories.TryGetValue(after.Key, out var history))
            _histories[after.Key] = history = new();
        history.Forms.RemoveAll(form => !IsRecent(form.Until));
        var known = history.Forms.Count > 0 && history.Forms[^1].Until is null ? history.Forms[^1].View : null;
        if (known is not null)
            history.Forms[^1].Until = _world.Now;
        history.Forms.Add(new(after));
        history.WasOurs |= after.IsOurs;
        if (known?.Uid != after.Uid)
            history.Overwritten = [];
        if (known is null || known.Uid != after.Uid || !IsControllerWriting)
        {
            if (known?.Uid == after.Uid && history.Overwritten.Count == 0 && !known.Ingress.SequenceEqual(after.Ingress))
                history.Overwritten = known.Addresses;
            if (known is null ? after.Ingress.Count > 0 : !known.Ingress.SequenceEqual(after.Ingress))
                history.HandledAt = _world.Now;
            return;
        }
        Writes++;
        JudgeRest(known, after, history.WasOurs);
        history.WasOurs &= after.IsOurClass;
        var lost = known.Addresses.Except(after.Addresses).ToList();
        if (lost.Count > 0 && !MayLose(history, known, after))
            Report($"{after.Key} lost {Text(lost)} (now {Text(after.Addresses)}), and nothing spoke against it");
        foreach (var address in after.Addresses.Except(known.Addresses))
            JudgeGain(history, after, address);
        if (!known.Ingress.SequenceEqual(after.Ingress))
            history.Overwritten = [];
    }

    // What a status write must not touch.
    private void JudgeRest(ServiceView before, ServiceView after, bool wasOurs)
    {
        if (before.Foreign != after.Foreign)
            Report($"{after.Key}: a controller changed what is not its own:\n{before.Foreign} became\n{after.Foreign}");
        if (!after.IsOurs && after.Addresses.Except(before.Addresses).Any())
            Report($"{after.Key} is not load-balanced by us, and was given {Text(after.Addresses)}");
        if (after.IsLoadBalancer && !after.IsOurClass && !wasOurs)
            Report($"{after.Key} has the class of another load balancer, and a controller wrote its status");
        if (before.HasExactly(after.Addresses) && !before.Addresses.SequenceEqual(after.Addresses))
            Report($"{after.Key}: {Text(before.Addresses)} were put into another order");
        foreach (var kept in before.Ingress.Where(item => item.Address is not null))
        {
            if (after.Ingress.FirstOrDefault(item => item.Address == kept.Address) is { } now && now.Text != kept.Text)
                Report($"{after.Key}: {kept.Text} became {now.Text}");
        }
    }

    private void JudgeGain(History history, ServiceView service, IpAddress address)
    {
        Assignments++;
        Given?.Invoke(Writer, $"{address} to {service.Key}");
        // What was decided before its wish was known is kept like what it had, until the wish can be met. So is what an edit of its status
        // by hand overwrote: a controller may have to leave such a status alone for long, while a pool cannot be read.
        var had = history.Overwritten.Contains(address) || RecentOf(history).Any(form =>
            form != service && (form.Addresses.Contains(address) || form.Fingerprint != service.Fingerprint));
        var pools = _pools.Possible(Grace).Where(pool => pool.Contains(address)).ToList();
        if (pools.Count == 0)
            Report($"{service.Key} was given {address}, which lies in no pool");
        else if (!pools.Any(pool => LabelsOf(service.Key.Namespace).Any(labels => pool.IsOpenTo(service, labels))))
            Report($"{service.Key} was given {address} of {pools[0].Name}, which is not open to it");
        else if (!AllocationRules.FamiliesFit(service, service.Addresses))
            Report($"{service.Key} was given {Text(service.Addresses)}, which are not of its families");
        else if (!had && service.Requested is { Count: > 0 } wanted && !wanted.Contains(address))
            Report($"{service.Key} was given {address} although it asks for {Text(wanted)}");
        else if (!had && service.RequestedPool.Length > 0 && pools.All(pool => pool.Name != service.RequestedPool))
            Report($"{service.Key} was given {address} of {pools[0].Name} although it asks for the pool {service.RequestedPool}");
        else if (!had && !service.AsksForAddresses && service.RequestedPool.Length == 0 && !pools.Any(pool => pool.AutoAssign ||
            Completes(history, service, pool, address)))
            Report($"{service.Key} was given {address} of {pools[0].Name}, which is for those only who ask for it");
        foreach (var (key, other) in _histories)
        {
            var form = other.Forms[^1];
            if (other == history || form.Until is not null || !form.View.IsOurs || !form.View.Addresses.Contains(address))
                continue;
            if (!IsRecentlyHandled(other) && !RecentOf(other).Any(theirs => service.MayShareWith(theirs)))
                Report($"{service.Key} was given {address}, which {key} has, and they may not share it");
        }
    }

    // A pair is completed from the pool of the one that the Service has, assigned automatically or not; and what was decided so is kept
    // even if that one has to go before anything is written.
    private bool Completes(History history, ServiceView service, PoolView pool, IpAddress second) => RecentOf(history)
        .Where(form => form != service && form.ClusterFamilies.Count == 2).SelectMany(form => form.Addresses).Concat(history.Overwritten)
        .Any(first => first.Family != second.Family && pool.Contains(first));

    private bool MayLose(History history, ServiceView before, ServiceView after)
    {
        if (IsRecentlyHandled(history))
            return true;
        var had = before.Addresses;
        foreach (var form in RecentOf(history))
        {
            if (!AllocationRules.IsServable(form) || !AllocationRules.FamiliesFit(form, had))
                return true;
            if (form != after && form.Fingerprint != after.Fingerprint && AsksForOther(form, had))
                return true;
        }
        if (AsksForOther(after, had) && (IsAnswer(after) || IsOnTheWay(history, after)))
            return true;
        return had.Any(address => !_pools.SurelyHad(Grace, pool => pool.Contains(address) && IsOpenAllThrough(pool, history)) ||
            _histories.Values.Any(other => other != history && RecentOf(other).Any(theirs =>
                theirs.Addresses.Contains(address) && !RecentOf(history).All(mine => mine.MayShareWith(theirs)))));
    }

    private bool AsksForOther(ServiceView service, IReadOnlyCollection<IpAddress> had) =>
        (service.Requested is { Count: > 0 } wanted && !wanted.Order().SequenceEqual(had.Order())) ||
        (service.RequestedPool.Length > 0 && had.Any(address =>
            !_pools.SurelyHad(Grace, pool => pool.Name == service.RequestedPool && pool.Contains(address))));

    private bool IsAnswer(ServiceView service) =>
        (service.Requested is not { Count: > 0 } wanted || wanted.Order().SequenceEqual(service.Addresses.Order())) &&
        (service.RequestedPool.Length == 0 || service.Addresses.All(address => IsMaybeOf(address, service.RequestedPool))) &&
        service.Addresses.Count > 0;

    // What it asks for was named by another status until just now, and follows when that one has let it go.
    private bool IsOnTheWay(History history, ServiceView service)
    {
        var wanted = service.Requested ?? [];
        return service.Addresses.All(address => wanted.Count == 0 || wanted.Contains(address)) &&
            _histories.Values.Any(other => other != history && RecentOf(other).Any(theirs => theirs.Addresses.Any(address =>
                wanted.Contains(address) || (wanted.Count == 0 && IsMaybeOf(address, service.RequestedPool)))));
    }

    private bool IsMaybeOf(IpAddress address, string pool) =>
        _pools.Possible(Grace).Any(form => form.Name == pool && form.Contains(address));

    private bool IsOpenAllThrough(PoolView pool, History history) => RecentOf(history).All(service =>
        LabelsOf(service.Key.Namespace).All(labels => pool.IsOpenTo(service, labels)));

    private IEnumerable<IReadOnlyDictionary<string, string>> LabelsOf(string ns)
    {
        var recent = _namespaces.Where(form => form.View.Name == ns && IsRecent(form.Until)).Select(form => form.View.Labels);
        return recent.DefaultIfEmpty(NoLabels);
    }

    private IEnumerable<ServiceView> RecentOf(History history) =>
        history.Forms.Where(form => IsRecent(form.Until)).Select(form => form.View);

    private bool IsRecentlyHandled(History history) => history.HandledAt is { } at && IsRecent(at);

    private bool IsRecent(Instant? until) => until is not { } end || end.Ticks >= _world.Now.Ticks - Grace.Ticks;

    private void Report(string what) => _world.Report("R1", what);

    private static string Text(IReadOnlyCollection<IpAddress> addresses) => addresses.Count == 0 ? "none" : string.Join(", ", addresses);

    private sealed class Form<TView>(TView view)
    {
        public TView View => view;

        public Instant? Until { get; set; }
    }

    private sealed class History
    {
        public List<Form<ServiceView>> Forms { get; } = [];

        /// <summary>Whether it was ours and its status may still show it.</summary>
        public bool WasOurs { get; set; }

        /// <summary>What it had when somebody else edited its status, until a controller changes that again.</summary>
        public IReadOnlyList<IpAddress> Overwritten { get; set; } = [];

        /// <summary>When somebody else last wrote the status.</summary>
        public Instant? HandledAt { get; set; }
    }
}
