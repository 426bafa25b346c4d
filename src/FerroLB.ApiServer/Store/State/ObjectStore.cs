using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Access;
using FerroLB.ApiServer.Store.Admission;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store.State;

/// <summary>
/// The state: objects in tables, the version counter, the history for watches, the durable records, and who owns whom. Every change goes
/// through
/// <see cref="Put"/> or <see cref="Remove"/>, so that all of these agree.
/// </summary>
internal sealed class ObjectStore
{
    private readonly SortedDictionary<string, List<StoredObject>> _dependents = new(StringComparer.Ordinal);
    private readonly Queue<ReadOnlyMemory<byte>> _records = new();
    private readonly SeededRandom _random;
    private long _draws;

    /// <summary>Makes an empty state.</summary>
    public ObjectStore(ulong seed, ApiStoreOptions options)
    {
        _random = new SeededRandom(seed);
        Options = options;
        History = new ChangeHistory(options.HistoryEvents);
        var services = new ServiceRules(new ServiceAllocations(options, _random.Fork("services"), () => Draws));
        Registry = new KindRegistry(BuiltInKinds.Create(name => name switch
        {
            "services" => services,
            "namespaces" => new NamespaceRules(),
            "secrets" or "configmaps" => new DataRules(),
            "validatingwebhookconfigurations.admissionregistration.k8s.io" => new WebhookConfigurationRules(Webhooks, isMutating: false),
            "mutatingwebhookconfigurations.admissionregistration.k8s.io" => new WebhookConfigurationRules(Webhooks, isMutating: true),
            "rolebindings.rbac.authorization.k8s.io" or "clusterrolebindings.rbac.authorization.k8s.io" => new RoleRules(),
            "leases.coordination.k8s.io" => new LeaseRules(),
            "events" => new EventRules(),
            "deployments.apps" or "daemonsets.apps" or "replicasets.apps" => new WorkloadRules(),
            "endpointslices.discovery.k8s.io" => new EndpointSliceRules(),
            "customresourcedefinitions.apiextensions.k8s.io" => new CustomResourceDefinitionRules(() => Registry!, () => Now),
            _ => SchemaOnlyRules.Instance,
        }));
    }

    /// <summary>What was chosen at construction.</summary>
    public ApiStoreOptions Options { get; }

    /// <summary>The kinds.</summary>
    public KindRegistry Registry { get; }

    /// <summary>The changes that watches can still read.</summary>
    public ChangeHistory History { get; }

    /// <summary>The version of the last change.</summary>
    public long Version { get; private set; }

    /// <summary>The time of the request that is being answered.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>The random choices of the request that is being answered.</summary>
    public DrawTape Draws { get; set; } = new();

    /// <summary>The admission webhooks that are configured.</summary>
    public AdmissionWebhooks Webhooks { get; } = new();

    /// <summary>Objects that went away, or came with owners, since somebody last looked: material for garbage collection.</summary>
    public Queue<StoredObject> Unsettled { get; } = new();

    /// <summary>A new uid: fixed by the seed and the version, never repeated after a restart.</summary>
    public string NewUid() => Draws.Next(DrawUid);

    /// <summary>A new id for a call to a webhook.</summary>
    public string NewCallId() => DrawUid();

    private string DrawUid()
    {
        var draw = _random.Fork(string.Create(CultureInfo.InvariantCulture, $"uid/{Version}/{_draws++}"));
        var (high, low) = (draw.NextUInt64(), draw.NextUInt64());
        high = (high & 0xFFFFFFFFFFFF0FFF) | 0x4000;
        low = (low & 0x3FFFFFFFFFFFFFFF) | 0x8000000000000000;
        return string.Create(CultureInfo.InvariantCulture,
            $"{high >> 32:x8}-{high >> 16 & 0xFFFF:x4}-{high & 0xFFFF:x4}-{low >> 48:x4}-{low & 0xFFFFFFFFFFFF:x12}");
    }

    /// <summary>Five characters for generateName, from the letters that Kubernetes uses because they spell nothing.</summary>
    public string NewSuffix() => Draws.Next(DrawSuffix);

    private string DrawSuffix()
    {
        const string Letters = "bcdfghjklmnpqrstvwxz2456789";
        var draw = _random.Fork(string.Create(CultureInfo.InvariantCulture, $"name/{Version}/{_draws++}"));
        return string.Create(5, draw, (text, random) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = Letters[random.Next(Letters.Length)];
        });
    }

    /// <summary>Writes an object, which gets the next version; nobody may change the tree afterwards.</summary>
    /// <exception cref="ApiException">The object has more bytes than are allowed; nothing was written.</exception>
    public StoredObject Put(ResourceKind kind, StoredObject? before, JsonObject json, int mostBytes = int.MaxValue)
    {
        json.Ensure("metadata")["resourceVersion"] = (Version + 1).ToString(CultureInfo.InvariantCulture);
        var stored = new StoredObject(kind, json, Version + 1);
        if (stored.StoredBytes.Length > mostBytes)
            throw new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {mostBytes}");
        Version++;
        Apply(before, stored, false);
        _records.Enqueue(StoreRecord.Put(stored));
        return stored;
    }

    /// <summary>Removes an object.</summary>
    public void Remove(StoredObject stored)
    {
        Version++;
        var last = stored.Json.Copy();
        last.Ensure("metadata")["resourceVersion"] = Version.ToString(CultureInfo.InvariantCulture);
        Apply(stored, new StoredObject(stored.Kind, last, Version), true);
        _records.Enqueue(StoreRecord.Delete(stored, Version));
    }

    /// <summary>The objects that name a uid as their owner.</summary>
    public IReadOnlyList<StoredObject> Dependents(string uid) => _dependents.TryGetValue(uid, out var list) ? list : [];

    /// <summary>Takes the next durable record.</summary>
    public bool TryTakeRecord(out ReadOnlyMemory<byte> record) => _records.TryDequeue(out record);

    /// <summary>Puts a durable record back; records of kinds that are not defined any more are passed over.</summary>
    public void Replay(ReadOnlySpan<byte> bytes)
    {
        var record = StoreRecord.Read(bytes);
        Version = Math.Max(Version, record.Version);
        if (record.Operation == StoreRecord.VersionOnly)
        {
            History.Forget(Version);
            return;
        }
        if (Registry.Find(record.Group, record.Resource) is not { } kind)
            return;
        var before = kind.Table.Find(record.Namespace, record.Name);
        if (record.Object is { } json)
            Apply(before, new StoredObject(kind, json, record.Version), false);
        else if (before is not null)
            Apply(before, new StoredObject(kind, before.Json, record.Version), true);
    }

    /// <summary>The records that rebuild the present state: definitions first, then all else, then the version.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Snapshot()
    {
        var records = new List<ReadOnlyMemory<byte>>();
        var custom = new List<ReadOnlyMemory<byte>>();
        var tables = new List<ObjectTable>();
        foreach (var kind in Registry.Kinds)
        {
            if (tables.Contains(kind.Table))
                continue;
            tables.Add(kind.Table);
            foreach (var stored in kind.Table.List(null))
                (kind.IsCustom ? custom : records).Add(StoreRecord.Put(stored));
        }
        records.AddRange(custom);
        records.Add(StoreRecord.AtVersion(Version));
        return records;
    }

    private void Apply(StoredObject? before, StoredObject after, bool isDeletion)
    {
        if (before is not null)
            IndexOwners(before, false);
        if (isDeletion)
            after.Kind.Table.Remove(after);
        else
        {
            after.Kind.Table.Put(after);
            IndexOwners(after, true);
        }
        if (isDeletion || before is null || after.IsTerminating)
            Unsettled.Enqueue(after);
        History.Add(new StoredChange(after.Version, before, after, isDeletion));
        after.Kind.Rules.Changed(before, isDeletion ? null : after);
    }

    private void IndexOwners(StoredObject stored, bool add)
    {
        foreach (var owner in stored.Json.Object("metadata").Array("ownerReferences") ?? [])
        {
            if (owner.Text("uid") is not { } uid)
                continue;
            if (!_dependents.TryGetValue(uid, out var list))
                _dependents[uid] = list = [];
            if (add)
                list.Add(stored);
            else
                list.Remove(stored);
            if (list.Count == 0)
                _dependents.Remove(uid);
        }
    }
}
