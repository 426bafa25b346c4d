using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Admission;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.ApiServer.Store.Patches;
using FerroLB.ApiServer.Store.Schemas;
using FerroLB.ApiServer.Store.Selection;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>
/// POST and PUT, and the second half of every PATCH: from a candidate to a stored object. The order is Kubernetes': system fields
/// restored, defaults, validation, ownership, the check for "no change", and only then the write.
/// </summary>
internal static class WriteRequests
{
    // Readers of JSON usually stop at 64 levels; an object inside a list, a watch event or a durable record must stay below that.
    private const int MaximumDepth = 58;

    /// <summary>POST of a new object.</summary>
    public static ApiResponse Create(RequestScope scope)
    {
        var value = ObjectDecoding.Read(scope);
        value.Ensure("metadata").Remove("managedFields");
        return CreateFrom(scope, value, scope.Manager(false));
    }

    /// <summary>PUT of a whole object.</summary>
    public static ApiResponse Update(RequestScope scope)
    {
        var value = ObjectDecoding.Read(scope);
        var name = value.Text("metadata", "name");
        if (name is not null && name != scope.Request.Name)
            throw ApiErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({scope.Request.Name})");
        var live = scope.Find();
        var sent = value.Text("metadata", "resourceVersion") ?? "";
        if (sent.Length == 0 && !scope.Kind.AllowsUnconditionalUpdate)
            throw ApiErrors.Invalid(scope.Kind.Group, scope.Kind.Name, live.Name,
                [FieldError.InvalidShown("metadata.resourceVersion", "0x0", "must be specified for an update")]);
        return UpdateFrom(scope, live, value, scope.Manager(false));
    }

    /// <summary>Stores a new object; for an apply, ownership is in the object already.</summary>
    public static ApiResponse CreateFrom(RequestScope scope, JsonObject value, FieldOwner manager)
    {
        var kind = scope.Kind;
        var metadata = value.Ensure("metadata");
        SetNamespace(scope, metadata);
        if (!string.IsNullOrEmpty(metadata.Text("resourceVersion")))
            throw ApiErrors.BadRequest("resourceVersion should not be set on objects to be created");
        SetNewMetadata(scope, metadata);
        if (kind.HasSubresource(scope.Version, "status") && kind.Plural != "nodes")
        {
            value.Remove("status");
            SchemaDefaults.Apply(value, kind.Schema(scope.Version));
        }
        CheckNamespaceExists(scope, metadata.Text("name") ?? "");
        Finish(scope, value, null);
        if (!manager.IsApply)
        {
            var empty = new JsonObject { ["metadata"] = new JsonObject() };
            var managers = new ManagedFields();
            managers.Record(FieldOwnership.Compare(empty, value, kind.Schema(scope.Version)), manager, scope.Store.Now);
            managers.Write(value);
        }
        AdmissionStep.Write(scope, "CREATE", null, value);
        var name = metadata.Text("name")!;
        if (kind.Table.Find(scope.Namespace, name) is not null)
            throw ApiErrors.AlreadyExists(kind.Group, kind.Plural, name);
        if (scope.DryRun)
            return scope.Respond(201, value);
        return Commit(scope, 201, null, value);
    }

    /// <summary>Stores a changed object, or finds that nothing changed.</summary>
    public static ApiResponse UpdateFrom(RequestScope scope, StoredObject live, JsonObject value, FieldOwner manager)
    {
        var kind = scope.Kind;
        var shown = scope.Show(live);
        var metadata = value.Ensure("metadata");
        SetNamespace(scope, metadata);
        CheckPreconditions(scope, live, metadata);
        var managers = SentManagers(value, shown, manager);
        RestoreSystemFields(metadata, shown.Object("metadata")!);
        value = Isolate(scope, value, shown);
        Finish(scope, value, live);
        RecordGeneration(kind, scope.Version, value, shown);
        if (!manager.IsApply)
            managers.Record(FieldOwnership.Compare(shown, value, kind.Schema(scope.Version)), manager, scope.Store.Now);
        managers.Write(value);
        value.Ensure("metadata")["resourceVersion"] = live.Version.ToString(CultureInfo.InvariantCulture);
        CheckFinalizers(scope, live, value);
        AdmissionStep.Write(scope, "UPDATE", live, value);
        if (JsonTree.Same(value, shown))
            return scope.Respond(200, live);
        return scope.DryRun ? scope.Respond(200, value) : Commit(scope, 200, live, value);
    }

    private static ApiResponse Commit(RequestScope scope, int code, StoredObject? live, JsonObject value)
    {
        var (kept, shown) = Conversions.ForStorage(scope, value);
        var stored = scope.Store.Put(scope.Kind.StorageKind, live, kept, scope.Store.Options.MaximumObjectBytes);
        if (shown is not null)
        {
            shown.Ensure("metadata").Restore("resourceVersion", stored.Json.Object("metadata")!);
            stored.Remember(scope.Kind, scope.Version, shown);
        }
        return scope.Respond(code, stored);
    }

    private static void SetNamespace(RequestScope scope, JsonObject metadata)
    {
        if (!scope.Kind.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }
        if (metadata.Text("namespace") is { Length: > 0 } given && given != scope.Namespace)
            throw ApiErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        metadata["namespace"] = scope.Namespace;
    }

    private static void SetNewMetadata(RequestScope scope, JsonObject metadata)
    {
        if (string.IsNullOrEmpty(metadata.Text("name")) && metadata.Text("generateName") is { Length: > 0 } prefix)
            metadata["name"] = prefix[..Math.Min(prefix.Length, 58)] + scope.Store.NewSuffix();
        metadata["uid"] = scope.Store.NewUid();
        metadata["creationTimestamp"] = ManagedFields.Rfc3339(scope.Store.Now);
        foreach (var name in (ReadOnlySpan<string>)
            ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion", "generation"])
            metadata.Remove(name);
        if (scope.Kind.TracksGeneration)
            metadata["generation"] = 1;
    }

    private static void CheckNamespaceExists(RequestScope scope, string name)
    {
        if (!scope.Kind.Namespaced)
            return;
        var space = scope.Store.Registry.Find("", "namespaces")?.Table.Find("", scope.Namespace) ??
            throw ApiErrors.NotFound("", "namespaces", scope.Namespace);
        if (space.IsTerminating)
            throw ApiErrors.Forbidden(scope.Kind.Group, scope.Kind.Plural, name,
                $"unable to create new content in namespace {scope.Namespace} because it is being terminated");
    }

    private static void CheckPreconditions(RequestScope scope, StoredObject live, JsonObject metadata)
    {
        var kind = scope.Kind;
        if (metadata.Text("uid") is { Length: > 0 } uid && uid != live.Uid)
            throw ApiErrors.Conflict(kind.Group, kind.Plural, live.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {live.Uid}");
        if (metadata.Text("resourceVersion") is { Length: > 0 } version && version != live.Version.ToString(CultureInfo.InvariantCulture))
            throw ApiErrors.Modified(kind.Group, kind.Plural, live.Name);
    }

    // Clients may hand over or reset ownership by writing managedFields; a body without them changes nothing.
    private static ManagedFields SentManagers(JsonObject value, JsonObject live, FieldOwner manager)
    {
        var sent = value.Object("metadata").Array("managedFields");
        return sent is null && !manager.IsApply ? ManagedFields.Read(live) : ManagedFields.Read(value);
    }

    private static void RestoreSystemFields(JsonObject metadata, JsonObject live)
    {
        foreach (var name in (ReadOnlySpan<string>)
            ["name", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName"])
            metadata.Restore(name, live);
        metadata.Remove("selfLink");
    }

    private static JsonObject Isolate(RequestScope scope, JsonObject value, JsonObject live)
    {
        if (scope.Subresource == "status")
        {
            var result = live.Copy();
            result.Restore("status", value);
            if (!scope.Kind.IsCustom)
                result["metadata"] = value["metadata"]?.DeepClone();
            return result;
        }
        if (scope.Subresource == "finalize")
        {
            var result = live.Copy();
            result.Ensure("spec").Restore("finalizers", value.Object("spec") ?? []);
            return result;
        }
        if (scope.Kind.HasSubresource(scope.Version, "status"))
            value.Restore("status", live);
        return value;
    }

    private static void Finish(RequestScope scope, JsonObject value, StoredObject? live)
    {
        var kind = scope.Kind;
        if (JsonTree.IsDeeperThan(value, MaximumDepth))
            throw ApiErrors.BadRequest($"the object is nested more than {MaximumDepth} levels deep");
        kind.StorageKind.Rules.Prepare(value, live);
        var errors = new List<FieldError>();
        ObjectNames.Check(value.Object("metadata"), kind.Names, errors);
        if (kind.IsCustom)
            CheckCustom(scope, value, live, errors);
        else
        {
            RequiredFields.Check(value, kind.Schema(scope.Version), "", errors);
            kind.StorageKind.Rules.Check(value, live, errors);
        }
        if (errors.Count > 0)
            throw ApiErrors.Invalid(kind.Group, kind.Name, value.Text("metadata", "name") ?? "", errors);
    }

    private static void CheckCustom(RequestScope scope, JsonObject value, StoredObject? live, List<FieldError> errors)
    {
        var schema = scope.Kind.Schema(scope.Version);
        var before = errors.Count;
        errors.AddRange(SchemaValidation.Check(value, schema, ""));
        if (errors.Count == before)
            errors.AddRange(CelRules.Check(value, live is null ? null : scope.Show(live), schema));
    }

    private static void RecordGeneration(ResourceKind kind, string version, JsonObject value, JsonObject live)
    {
        if (!kind.TracksGeneration)
            return;
        var withStatus = kind.HasSubresource(version, "status");
        foreach (var (name, member) in value)
        {
            if (name is "metadata" or "apiVersion" or "kind" || (withStatus && name == "status"))
                continue;
            if (JsonTree.Same(member, live[name]))
                continue;
            value.Ensure("metadata")["generation"] = (live.Object("metadata").Integer("generation") ?? 0) + 1;
            return;
        }
        foreach (var (name, _) in live)
        {
            if (!value.ContainsKey(name) && !(withStatus && name == "status"))
                value.Ensure("metadata")["generation"] = (live.Object("metadata").Integer("generation") ?? 0) + 1;
        }
    }

    private static void CheckFinalizers(RequestScope scope, StoredObject live, JsonObject value)
    {
        if (!live.IsTerminating)
            return;
        var before = live.Json.Object("metadata").Array("finalizers").Texts();
        foreach (var finalizer in value.Object("metadata").Array("finalizers").Texts())
        {
            if (!before.Contains(finalizer))
                throw ApiErrors.Invalid(scope.Kind.Group, scope.Kind.Name, live.Name, [FieldError.Forbidden("metadata.finalizers",
                    $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{\"{finalizer}\"}}")]);
        }
    }
}
