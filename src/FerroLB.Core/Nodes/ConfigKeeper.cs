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

namespace FerroLB.Core.Nodes;

/// <summary>
/// Watches the configuration's kinds in FerroLB's namespace and keeps what is in force. Rejections are told once: as a log line, and to
/// <paramref name="onRejected"/> for those who write events.
/// </summary>
internal sealed class ConfigKeeper(Queue<NodeOutput> outputs, Action<ConfigRejection>? onRejected = null)
{
    private ReflectorMachine<IpAddressPool>? _pools;
    private ReflectorMachine<L2Advertisement>? _l2Advertisements;
    private bool _isDirty = true;

    /// <summary>What is in force, and what was rejected.</summary>
    public ConfigResult Result { get; private set; } = ConfigResult.Empty;

    /// <summary>What <see cref="Result"/> was made of: the objects on the server. Empty before the first result.</summary>
    public ConfigSources Sources { get; private set; } = new();

    /// <summary>Everything of the configuration that is not in force as it is on the server, also what cannot be read at all.</summary>
    public ImmutableArray<ConfigRejection> Rejections { get; private set; } = [];

    /// <summary>Whether every kind was read completely.</summary>
    public bool IsSynced => _pools!.IsSynced && _l2Advertisements!.IsSynced;

    /// <summary>Whether a pool exists of which not even an earlier form is in force.</summary>
    public bool HasUnreadablePool { get; private set; }

    /// <summary>The pools as they are on the server.</summary>
    public ReflectorMachine<IpAddressPool> Pools => _pools!;

    /// <summary>The uid of an advertisement, or null.</summary>
    public string? UidOf(ObjectKey l2Advertisement) => _l2Advertisements!.Find(l2Advertisement)?.Metadata.Uid;

    /// <summary>Adds the kinds to the node's watches.</summary>
    public void Watch(WatchSet watches, string ns, Action<ObjectKey> onPoolChanged)
    {
        _pools = watches.Add(KubeKinds.IpAddressPools, ns, change => OnPool(change, onPoolChanged), OnFault);
        _l2Advertisements = watches.Add(KubeKinds.L2Advertisements, ns, OnL2Advertisement, OnFault);
        TellMetrics(isLoaded: false);
    }

    /// <summary>
    /// Builds the configuration anew if something changed and everything was read. True when another one is in force now.
    /// </summary>
    public bool Refresh()
    {
        if (!_isDirty || !IsSynced)
            return false;
        _isDirty = false;
        var before = Result;
        Sources = new ConfigSources { Pools = [.. _pools!.Objects.Values], L2Advertisements = [.. _l2Advertisements!.Objects.Values] };
        Result = ConfigBuilder.Build(Sources, before);
        HasUnreadablePool =
            Result.Rejections.Any(rejection => rejection.Kind == KubeResource.IpAddressPools.Kind && !rejection.LastValidFormInForce) ||
            _pools.Faults.Keys.Any(key => _pools.Find(key) is null);
        foreach (var rejection in Result.Rejections.Except(before.Rejections))
        {
            outputs.Enqueue(new NodeOutput.WriteLog(ConfigLog.Rejected(rejection)));
            onRejected?.Invoke(rejection);
        }
        Rejections = [.. Result.Rejections, .. Unreadable(_pools), .. Unreadable(_l2Advertisements!)];
        TellMetrics(isLoaded: true);
        return true;
    }

    private void TellMetrics(bool isLoaded)
    {
        outputs.Enqueue(new NodeOutput.ChangeMetric(
            new MetricChange(MetricOperation.Set, "metallb_k8s_client_config_loaded_bool", isLoaded ? 1 : 0)));
        outputs.Enqueue(new NodeOutput.ChangeMetric(
            new MetricChange(MetricOperation.Set, "metallb_k8s_client_config_stale_bool", Rejections.IsEmpty ? 0 : 1)));
    }

    private static IEnumerable<ConfigRejection> Unreadable<T>(ReflectorMachine<T> reflector)
        where T : KubeObject =>
        reflector.Faults.Values.Select(fault => Rejection(fault, reflector.Find(fault.Key) is not null));

    private static ConfigRejection Rejection(JsonFault fault, bool isKept) =>
        new(fault.Kind, fault.Key, fault.Path, "", fault.Problem, "Correct the field", isKept);

    private void OnPool(ReflectorOutput<IpAddressPool>.Changed change, Action<ObjectKey> onPoolChanged)
    {
        // Our own status writes come back as changes too, and mean nothing for the configuration; a spec change has another generation.
        _isDirty |= change.Before is null || change.After is null ||
            change.Before.Metadata.Generation != change.After.Metadata.Generation ||
            !CompactDictionary.Same(change.Before.Metadata.Labels, change.After.Metadata.Labels) || change.After.Metadata.Generation == 0;
        onPoolChanged(change.Key);
    }

    private void OnL2Advertisement(ReflectorOutput<L2Advertisement>.Changed change) => _isDirty = true;

    private void OnFault(JsonFault fault)
    {
        _isDirty = true;
        var isKept = _pools!.Find(fault.Key) is not null || _l2Advertisements!.Find(fault.Key) is not null;
        onRejected?.Invoke(Rejection(fault, isKept));
    }
}
