using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Admission;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Watches the configuration's kinds in FerroLB's namespace and keeps what is in force. Rejections are told once: as a log line, and to
/// <paramref name="onRejected"/> for those who write events.
/// <para>
/// Pools and layer-2 advertisements are used as soon as both were read. The other kinds join when all of them were read, so that nothing
/// is ever judged beside a half-read picture.
/// </para>
/// </summary>
internal sealed class ConfigKeeper(Queue<NodeOutput> outputs, Action<ConfigRejection>? onRejected = null)
{
    private ReflectorMachine<IpAddressPool>? _pools;
    private ReflectorMachine<L2Advertisement>? _l2Advertisements;
    private BgpPictures? _bgp;
    private string _namespace = "";
    private bool _isDirty = true;
    private bool _hadBgp;

    /// <summary>What is in force, and what of the configuration is not in force as it is on the server.</summary>
    public ConfigResult Result { get; private set; } = ConfigResult.Empty;

    /// <summary>What <see cref="Result"/> was made of: the objects on the server. Empty before the first result.</summary>
    public ConfigSources Sources { get; private set; } = new();

    /// <summary>What the BGP objects of the whole cluster say about who may advertise what to whom; the same as long as it is the
    /// same.</summary>
    public BgpScope Scope { get; private set; } = BgpScope.Empty;

    /// <summary>The rejections of <see cref="Result"/>; the same array as long as they are the same.</summary>
    public ImmutableArray<ConfigRejection> Rejections { get; private set; } = [];

    /// <summary>Whether the kinds that addresses depend on were read completely.</summary>
    public bool IsSynced => _pools!.IsSynced && _l2Advertisements!.IsSynced;

    /// <summary>Whether <see cref="Result"/> is about every kind that is watched.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What reviews of objects are judged by; null before every kind was read.</summary>
    public AdmissionContext? Admission => IsComplete ? new(_namespace, Sources, Result) : null;

    /// <summary>Whether a pool exists of which not even an earlier form is in force.</summary>
    public bool HasUnreadablePool { get; private set; }

    /// <summary>The pools as they are on the server.</summary>
    public ReflectorMachine<IpAddressPool> Pools => _pools!;

    /// <summary>Points to a rejected object.</summary>
    public ObjectReference Reference(ConfigRejection rejection) =>
        BgpPictures.Reference(_pools!, KubeResource.IpAddressPools, rejection.Kind, rejection.Object) ??
        _bgp?.Reference(rejection.Kind, rejection.Object) ??
        BgpPictures.Reference(_l2Advertisements!, KubeResource.L2Advertisements, KubeResource.L2Advertisements.Kind, rejection.Object)!;

    /// <summary>Adds pools and layer-2 advertisements to the node's watches.</summary>
    public void Watch(WatchSet watches, string ns, Action<ObjectKey> onPoolChanged)
    {
        _namespace = ns;
        _pools = watches.Add(KubeKinds.IpAddressPools, ns, change => OnPool(change, onPoolChanged), _ => MarkDirty());
        _l2Advertisements = watches.Add(KubeKinds.L2Advertisements, ns, _ => MarkDirty(), _ => MarkDirty());
        TellMetrics(isLoaded: false);
    }

    /// <summary>Adds the other kinds, of which nothing but verdicts is made.</summary>
    public void WatchBgp(WatchSet watches, string ns) => _bgp = new BgpPictures(watches, ns, MarkDirty);

    /// <summary>Adds the other kinds for a speaker, as far as they concern its node.</summary>
    public void WatchBgp(WatchSet watches, string ns, ReflectorMachine<Node> nodes, string ownNode) =>
        _bgp = new BgpPictures(watches, ns, MarkDirty, nodes, ownNode);

    /// <summary>The speaker's own node may have other labels, and other objects concern it.</summary>
    public void OnOwnNode() => MarkDirty();

    /// <summary>
    /// Builds the configuration anew if something changed and everything was read. True when another one is in force now.
    /// </summary>
    public bool Refresh()
    {
        var hasBgp = _bgp?.IsSynced == true;
        if (!IsSynced || (!_isDirty && hasBgp == _hadBgp))
            return false;
        (_isDirty, _hadBgp) = (false, hasBgp);
        var before = Result;
        Sources = ReadSources(hasBgp);
        Result = ConfigBuilder.Build(Sources, before);
        if (hasBgp)
            Scope = _bgp!.ScopeAfter(Scope);
        IsComplete = _bgp is null || hasBgp;
        HasUnreadablePool =
            Result.Rejections.Any(rejection => rejection.Kind == KubeResource.IpAddressPools.Kind && !rejection.LastValidFormInForce);
        foreach (var rejection in Result.Rejections.Except(before.Rejections))
        {
            outputs.Enqueue(new NodeOutput.WriteLog(ConfigLog.Rejected(rejection)));
            onRejected?.Invoke(rejection);
        }
        if (!Rejections.SequenceEqual(Result.Rejections))
            Rejections = Result.Rejections;
        TellMetrics(isLoaded: true);
        return true;
    }

    private ConfigSources ReadSources(bool hasBgp)
    {
        var faults = _pools!.Faults.Values.Concat(_l2Advertisements!.Faults.Values).Concat(hasBgp ? _bgp!.Faults : []);
        var sources = new ConfigSources
        {
            Pools = [.. _pools.Objects.Values],
            L2Advertisements = [.. _l2Advertisements.Objects.Values],
            Unreadable = [.. faults.Select(fault => new UnreadableObject(fault.Kind, fault.Key, fault.Path, fault.Problem))],
        };
        return hasBgp ? _bgp!.AddTo(sources) : sources;
    }

    private void TellMetrics(bool isLoaded)
    {
        outputs.Enqueue(new NodeOutput.ChangeMetric(
            new MetricChange(MetricOperation.Set, "metallb_k8s_client_config_loaded_bool", isLoaded ? 1 : 0)));
        outputs.Enqueue(new NodeOutput.ChangeMetric(
            new MetricChange(MetricOperation.Set, "metallb_k8s_client_config_stale_bool", Rejections.IsEmpty ? 0 : 1)));
    }

    private void MarkDirty() => _isDirty = true;

    private void OnPool(ReflectorOutput<IpAddressPool>.Changed change, Action<ObjectKey> onPoolChanged)
    {
        // Our own status writes come back as changes too, and mean nothing for the configuration; a spec change has another generation.
        _isDirty |= change.Before is null || change.After is null ||
            change.Before.Metadata.Generation != change.After.Metadata.Generation ||
            !CompactDictionary.Same(change.Before.Metadata.Labels, change.After.Metadata.Labels) || change.After.Metadata.Generation == 0;
        onPoolChanged(change.Key);
    }
}
