using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Access;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Requests;
using FerroLB.ApiServer.Store.Selection;
using FerroLB.ApiServer.Store.State;
using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store;

/// <summary>
/// The pure heart of the embedded API server: Kubernetes' API semantics over a store in memory. It reads no clock, opens no file and
/// starts no thread; the HTTP front and the lab call it from one thread at a time.
/// <para>
/// A request comes in already taken apart (<see cref="ApiRequest"/>). RequestScope finds the kind that it names in the KindRegistry
/// (built-in kinds and those of CustomResourceDefinitions are alike: a definition, a schema, rules). A read takes the stored objects, whose
/// bytes are made once per version. A write goes through ObjectDecoding (unknown fields, types, defaults), for a PATCH through one of the
/// four patches, and then through WriteRequests: system fields restored, the other part (spec or status) isolated, the kind's rules,
/// validation, field ownership, and the check
/// whether anything changed at all. Only then ObjectStore.Put gives it the next resource version, adds the change to the history that
/// watches read, and queues a durable record. Deletions.Settle finishes what follows: garbage collection, namespaces that empty, finalizers
/// that are gone.
/// </para>
/// <para>
/// Where webhooks have a say, the evaluation stops before anything is written and the answer holds the calls to make (PendingRequest in
/// Calls/): conversions when an object is wanted in another version than the stored one, and in Admission/ the validating webhooks as the
/// last
/// step of a write. The caller makes them and hands the request in again, which is then evaluated from the beginning with the same time and
/// the same random choices. Access/ answers who may do what.
/// </para>
/// <para>
/// A restart replays the records and calls <see cref="Start"/>. Objects are never changed in place: a StoredObject is one version, shared
/// by tables, history, watches and pages of lists.
/// </para>
/// </summary>
public sealed class ApiStore
{
    // Each round after the first few means that another write changed what the webhooks were asked about.
    private const int MaximumRounds = 12;

    private readonly ObjectStore _store;
    private readonly ListSnapshots _snapshots;
    private IReadOnlyList<ResourceDefinition> _resources = [];
    private long _resourcesAt = -1;
    private bool _started;

    /// <summary>Makes an empty store. Same seed and same calls give the same uids, names and versions.</summary>
    public ApiStore(ulong seed, ApiStoreOptions? options = null)
    {
        Options = options ?? new ApiStoreOptions();
        _store = new ObjectStore(seed, Options);
        _snapshots = new ListSnapshots(Options.ListSnapshots);
    }

    /// <summary>What was chosen at construction.</summary>
    public ApiStoreOptions Options { get; }

    /// <summary>The version of the last accepted write; when it grows, watches have something to take.</summary>
    public long ResourceVersion => _store.Version;

    /// <summary>Every resource that is served, sorted by group and plural name.</summary>
    public IReadOnlyList<ResourceDefinition> Resources
    {
        get
        {
            if (_resourcesAt != _store.Registry.Generation)
            {
                var resources = new List<ResourceDefinition>();
                foreach (var kind in _store.Registry.Kinds)
                    resources.Add(kind.Definition);
                _resources = resources;
                _resourcesAt = _store.Registry.Generation;
            }
            return _resources;
        }
    }

    /// <summary>Grows whenever <see cref="Resources"/> changes.</summary>
    public long ResourcesGeneration => _store.Registry.Generation;

    /// <summary>
    /// Call once after the last <see cref="Replay"/>: makes what every cluster has (namespaces, the kubernetes Service) if it is missing,
    /// and finishes deletions that a crash cut short. The first request does it when nobody else did.
    /// </summary>
    public void Start(DateTimeOffset utcNow)
    {
        if (_started)
            return;
        _started = true;
        _store.Now = utcNow;
        Deletions.Settle(_store);
        foreach (var name in (ReadOnlySpan<string>)["default", "kube-node-lease", "kube-public", "kube-system"])
            CreateMissing("", "namespaces", null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, utcNow);
        CreateMissing("", "services", "default", KubernetesService(), utcNow);
        if (!Options.RoleBasedAccess)
            return;
        foreach (var (role, binding) in BootstrapRoles.All())
        {
            CreateMissing("rbac.authorization.k8s.io", "clusterroles", null, role, utcNow);
            if (binding is not null)
                CreateMissing("rbac.authorization.k8s.io", "clusterrolebindings", null, binding, utcNow);
        }
    }

    /// <summary>
    /// Answers every request but a watch. Never throws for any request. Where webhooks must be asked first, the answer is none yet:
    /// see <see cref="ApiResponse.Pending"/>.
    /// </summary>
    public ApiResponse Handle(ApiRequest request, DateTimeOffset utcNow)
    {
        ArgumentNullException.ThrowIfNull(request);
        Start(utcNow);
        _store.Now = request.Resumption?.Now ?? utcNow;
        _store.Draws = request.Resumption?.Draws ?? new DrawTape();
        _store.Draws.Rewind();
        request.Resumption?.Settle();
        RequestScope? scope = null;
        try
        {
            scope = new RequestScope(request, _store);
            var response = Dispatch(scope);
            Deletions.Settle(_store);
            return response;
        }
        catch (ApiException e)
        {
            return e.ToResponse() with { Warnings = [.. scope?.Warnings ?? []] };
        }
        catch (CallsNeededException needed)
        {
            return Pending(request, needed.Book);
        }
    }

    /// <summary>Opens a watch, or gives the answer to send instead.</summary>
    public bool TryOpenWatch(ApiRequest request, DateTimeOffset utcNow, out ApiWatch? watch, out ApiResponse? error)
    {
        ArgumentNullException.ThrowIfNull(request);
        Start(utcNow);
        (watch, error) = (null, null);
        try
        {
            var scope = new RequestScope(request, _store);
            Authorize(scope);
            watch = scope.Kind.IsVirtual ? throw ApiErrors.MethodNotAllowed() : new ApiWatch(scope, utcNow);
            return true;
        }
        catch (ApiException e)
        {
            error = e.ToResponse();
            return false;
        }
    }

    /// <summary>
    /// Forgets the history of changes and the lists that are being read in pages, so that watches from earlier versions and later pages are
    /// answered with 410. Watches that are up to date go on.
    /// </summary>
    public void Compact()
    {
        _store.History.Forget(_store.Version);
        _snapshots.Forget();
    }

    /// <summary>
    /// Takes the next durable record of the writes so far. The shell takes all records after each call of <see cref="Handle"/> (and after
    /// <see cref="Start"/>), appends them with the framing of <see cref="StoreLog"/>, makes them durable, and only then sends the response.
    /// </summary>
    public bool TryTakeRecord(out ReadOnlyMemory<byte> record) => _store.TryTakeRecord(out record);

    /// <summary>
    /// Puts one durable record back, in the order in which they were taken, before <see cref="Start"/>. Throws
    /// <see cref="System.Text.Json.JsonException"/> for bytes that are no record.
    /// </summary>
    public void Replay(ReadOnlySpan<byte> record) => _store.Replay(record);

    /// <summary>
    /// The fewest records that rebuild the present state: write them to a new log, make it durable, and put it in place of the old one.
    /// </summary>
    public IEnumerable<ReadOnlyMemory<byte>> SnapshotRecords() => _store.Snapshot();

    private ApiResponse Pending(ApiRequest request, CallBook book)
    {
        var pending = new PendingRequest(request, book, _store.Now, _store.Draws);
        if (pending.Rounds > MaximumRounds)
            return ApiErrors.Modified(request.Group, request.Resource, request.Name ?? "").ToResponse();
        return ApiErrors.Internal($"webhooks must be asked, which this caller cannot do: {pending.Calls[0].Name}").ToResponse() with
        {
            Pending = pending,
        };
    }

    private ApiResponse Dispatch(RequestScope scope)
    {
        Authorize(scope);
        if (scope.Kind.IsVirtual)
            return scope.Request.Verb == ApiVerb.Create ? ReviewRequests.Create(scope) : throw ApiErrors.MethodNotAllowed();
        if (scope.Subresource == "token")
            return scope.Request.Verb == ApiVerb.Create ? ReviewRequests.Token(scope) : throw ApiErrors.MethodNotAllowed();
        if (scope.Subresource == "scale")
            return ScaleRequests.Handle(scope);
        return scope.Request.Verb switch
        {
            ApiVerb.Get => ReadRequests.Get(scope),
            ApiVerb.List => ReadRequests.List(scope, _snapshots),
            ApiVerb.Create when scope.Subresource.Length == 0 => WriteRequests.Create(scope),
            ApiVerb.Update => WriteRequests.Update(scope),
            ApiVerb.Patch => PatchRequests.Patch(scope),
            ApiVerb.Delete when scope.Subresource.Length == 0 => DeleteRequests.Delete(scope),
            ApiVerb.DeleteCollection => DeleteRequests.DeleteCollection(scope),
            _ => throw ApiErrors.MethodNotAllowed(),
        };
    }

    private void Authorize(RequestScope scope)
    {
        if (Options.RoleBasedAccess)
            new RoleAuthorizer(_store).Require(AccessAttributes.Of(scope));
    }

    private void CreateMissing(string group, string resource, string? @namespace, JsonObject value, DateTimeOffset utcNow)
    {
        var name = (string?)value["metadata"]!["name"];
        if (_store.Registry.Find(group, resource)?.Table.Find(@namespace ?? "", name!) is not null)
            return;
        Handle(
            new ApiRequest
            {
                Verb = ApiVerb.Create, Group = group, Resource = resource, Namespace = @namespace, Body = Json.JsonText.Write(value),
                UserAgent = "kube-apiserver", User = "system:apiserver", UserGroups = ["system:masters"],
            },
            utcNow);
    }

    private JsonObject KubernetesService() => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "kubernetes",
            ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
        },
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = IpAddress.From(
                Options.ServiceRangeV4.Family, Options.ServiceRangeV4.First.Value + 1).ToString(),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = 6443 }),
        },
    };
}
