using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The pictures of what the configuration needs besides pools and layer-2 advertisements. Addresses are given out and announced without
/// them; they serve to tell the user what is wrong, and to keep that from being stored. A controller judges for all nodes and reads no
/// Secret; a speaker judges for its own node (<see cref="NodeScope"/>), and reads of Secrets what peers may refer to.
/// </summary>
internal sealed class BgpPictures
{
    private const string ExtrasName = "bgpextras";
    private readonly ReflectorMachine<BgpAdvertisement> _advertisements;
    private readonly ReflectorMachine<BgpPeer> _peers;
    private readonly ReflectorMachine<BfdProfile> _profiles;
    private readonly ReflectorMachine<Community> _communities;
    private readonly ReflectorMachine<ConfigMap> _extras;
    private readonly ReflectorMachine<Node> _nodes;
    private readonly ReflectorMachine<Secret>? _secrets;
    private readonly string? _ownNode;
    private readonly Action _onChanged;

    /// <summary>Adds the kinds to a controller's watches.</summary>
    public BgpPictures(WatchSet watches, string ns, Action onChanged)
        : this(watches, ns, onChanged, null, null)
    {
    }

    /// <summary>Adds the kinds to the watches of a speaker, which pictures the nodes and says when its own has other labels.</summary>
    public BgpPictures(WatchSet watches, string ns, Action onChanged, ReflectorMachine<Node>? nodes, string? ownNode)
    {
        _onChanged = onChanged;
        _advertisements = Add(watches, KubeKinds.BgpAdvertisements, ns);
        _peers = Add(watches, KubeKinds.BgpPeers, ns);
        _profiles = Add(watches, KubeKinds.BfdProfiles, ns);
        _communities = Add(watches, KubeKinds.Communities, ns);
        _extras = watches.AddSingle(KubeKinds.ConfigMaps, new ObjectKey(ns, ExtrasName), _ => onChanged());
        _nodes = nodes ?? watches.Add(KubeKinds.Nodes, null, OnNode, isNeeded: false);
        _ownNode = ownNode;
        if (ownNode is not null)
            _secrets = Add(watches, KubeKinds.PeerSecrets, ns);
    }

    /// <summary>Whether every kind was read completely. The one ConfigMap, of which nobody has any use, is not waited for.</summary>
    public bool IsSynced =>
        _advertisements.IsSynced && _peers.IsSynced && _profiles.IsSynced && _communities.IsSynced && _nodes.IsSynced &&
        _secrets is null or { IsSynced: true };

    /// <summary>What cannot be read.</summary>
    public IEnumerable<JsonFault> Faults =>
        _advertisements.Faults.Values.Concat(_peers.Faults.Values).Concat(_profiles.Faults.Values).Concat(_communities.Faults.Values);

    /// <summary>The sources with what is pictured here, as far as it concerns this node.</summary>
    public ConfigSources AddTo(ConfigSources sources)
    {
        var all = sources with
        {
            BgpAdvertisements = [.. _advertisements.Objects.Values],
            BgpPeers = [.. _peers.Objects.Values],
            BfdProfiles = [.. _profiles.Objects.Values],
            Communities = [.. _communities.Objects.Values],
            Secrets = _secrets is null ? null : [.. _secrets.Objects.Values],
            BgpExtras = _extras.Objects.Values.FirstOrDefault(),
        };
        return _ownNode is null
            ? all with { Nodes = [.. _nodes.Objects.Values] }
            : NodeScope.Narrow(all, _nodes.Find(new ObjectKey("", _ownNode)));
    }

    /// <summary>What all objects say about who may advertise what to whom; the one before when it is the same.</summary>
    public BgpScope ScopeAfter(BgpScope before) => BgpScope.Of(_advertisements.Objects.Values, _peers.Objects.Values, before);

    /// <summary>Points to an object of one of the kinds; null for other kinds.</summary>
    public ObjectReference? Reference(string kind, ObjectKey key) =>
        Reference(_advertisements, KubeResource.BgpAdvertisements, kind, key) ?? Reference(_peers, KubeResource.BgpPeers, kind, key) ??
        Reference(_profiles, KubeResource.BfdProfiles, kind, key) ?? Reference(_communities, KubeResource.Communities, kind, key) ??
        Reference(_extras, KubeResource.ConfigMaps, kind, key);

    /// <summary>Points to an object if its kind is that of a picture; without a uid when the picture does not have it.</summary>
    public static ObjectReference? Reference<T>(ReflectorMachine<T> picture, KubeResource resource, string kind, ObjectKey key)
        where T : KubeObject =>
        kind == resource.Kind ? new(resource, key, picture.Find(key)?.Metadata.Uid, null) : null;

    private ReflectorMachine<T> Add<T>(WatchSet watches, KubeKind<T> kind, string ns)
        where T : KubeObject =>
        watches.Add(kind, ns, _ => _onChanged(), _ => _onChanged(), isNeeded: false);

    /// <summary>Selectors ask for labels alone; heartbeats mean nothing here.</summary>
    private void OnNode(ReflectorOutput<Node>.Changed change)
    {
        if (change.Before is null || change.After is null ||
            !CompactDictionary.Same(change.Before.Metadata.Labels, change.After.Metadata.Labels))
            _onChanged();
    }
}
