using System.Collections.Generic;
using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Patches;
using FerroLB.ApiServer.Store.Schemas;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>PATCH: the content type chooses the kind of patch; the result takes the same way as a PUT.</summary>
internal static class PatchRequests
{
    private const string JsonType = "application/json-patch+json";
    private const string MergeType = "application/merge-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";

    /// <summary>Answers a PATCH.</summary>
    public static ApiResponse Patch(RequestScope scope)
    {
        var type = scope.Request.ContentType.Split(';')[0].Trim();
        if (type is ApplyType or "application/apply-patch+json")
            return Apply(scope);
        if (scope.Request.QueryValue("force") is { Length: > 0 })
            throw ApiErrors.Invalid("meta.k8s.io", "PatchOptions", "",
                [FieldError.Forbidden("force", "may not be specified for non-apply patch")]);
        if (type is not (JsonType or MergeType or StrategicType) || (type == StrategicType && scope.Kind.IsCustom))
            throw ApiErrors.UnsupportedMediaType(scope.Kind.IsCustom
                ? $"{JsonType}, {MergeType}, {ApplyType}"
                : $"{JsonType}, {MergeType}, {StrategicType}, {ApplyType}");
        var live = scope.Find();
        var duplicates = new List<string>();
        var patch = scope.ParseBody(duplicates);
        var target = scope.Show(live).Copy();
        target = ApplyTo(target, patch, type, scope);
        CheckIdentity(target, live, scope);
        var unknown = ObjectDecoding.Normalise(target, scope.Kind, scope.Version);
        ObjectDecoding.ReportUnknown(scope, duplicates, unknown, errors => ApiErrors.Invalid(scope.Kind.Group, scope.Kind.Name, live.Name,
            [FieldError.InvalidShown("patch", JsonText.ToText(patch), $"strict decoding error: {errors}")]));
        return WriteRequests.UpdateFrom(scope, live, target, scope.Manager(false));
    }

    private static JsonObject ApplyTo(JsonObject target, JsonNode? patch, string type, RequestScope scope)
    {
        if (type == StrategicType)
        {
            if (patch is not JsonObject changes)
                throw ApiErrors.BadRequest("json: cannot unmarshal array into Go value of type map[string]interface {}");
            StrategicMergePatch.Apply(target, changes, scope.Kind.Schema(scope.Version));
            return target;
        }
        if (type == MergeType && patch is not JsonObject)
            throw ApiErrors.BadRequest("json: cannot unmarshal array into Go value of type map[string]interface {}");
        var result = type == MergeType ? MergePatch.Apply(target, patch) : JsonPatch.Apply(target, patch);
        return result as JsonObject ?? throw ApiErrors.BadRequest("the patch does not leave an object");
    }

    private static void CheckIdentity(JsonObject target, StoredObject live, RequestScope scope)
    {
        ObjectDecoding.CheckType(target, scope);
        if (target["metadata"] is not JsonObject metadata)
            target["metadata"] = metadata = [];
        if (metadata.Text("name") is { } name && name != live.Name)
            throw ApiErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({live.Name})");
        metadata.TryAdd("resourceVersion", live.Version.ToString(CultureInfo.InvariantCulture));
    }

    private static ApiResponse Apply(RequestScope scope)
    {
        var manager = scope.Manager(true);
        var duplicates = new List<string>();
        if (scope.ParseBody(duplicates) is not JsonObject applied)
            throw ApiErrors.BadRequest("error decoding YAML: expected an object");
        if (applied.Text("apiVersion") is null || applied.Text("kind") is null)
            throw ApiErrors.BadRequest("invalid object type: apiVersion and kind must be set");
        ObjectDecoding.CheckType(applied, scope);
        ObjectDecoding.ReportUnknown(scope, duplicates, [], errors =>
            ApiErrors.BadRequest($"error decoding YAML: strict decoding error: {errors}"));
        var name = scope.Request.Name ?? "";
        var metadata = applied.Ensure("metadata");
        if (metadata.Text("name") is { } given && given != name)
            throw ApiErrors.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name})");
        if (metadata["managedFields"] is JsonArray)
            throw ApiErrors.BadRequest("metadata.managedFields must be nil");
        SchemaPruning.DropNulls(scope.Kind.IsCustom ? metadata : applied);
        metadata["name"] = name;
        var live = scope.Kind.Table.Find(scope.Namespace, name);
        CheckPreconditions(scope, live, metadata);
        DropOtherParts(applied, scope);
        var force = scope.Request.QueryValue("force") is "true" or "1";
        var shown = live is null ? null : scope.Show(live);
        var result = ApplyPatch.Apply(shown, applied, scope.Kind.Schema(scope.Version), manager, force, scope.Store.Now);
        var managedFields = result["metadata"]?["managedFields"]?.DeepClone();
        ObjectDecoding.Normalise(result, scope.Kind, scope.Version);
        result.Ensure("metadata")["managedFields"] = managedFields;
        return live is null ? WriteRequests.CreateFrom(scope, result, manager) : WriteRequests.UpdateFrom(scope, live, result, manager);
    }

    private static void CheckPreconditions(RequestScope scope, StoredObject? live, JsonObject metadata)
    {
        var kind = scope.Kind;
        if (live is null && scope.Subresource.Length > 0)
            throw ApiErrors.NotFound(kind.Group, kind.Plural, scope.Request.Name ?? "");
        if (live is null && metadata.Text("uid") is { Length: > 0 } uid)
            throw ApiErrors.Conflict(kind.Group, kind.Plural, scope.Request.Name ?? "",
                $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        if (metadata.Text("resourceVersion") is { Length: > 0 } version)
        {
            if (version != live?.Version.ToString(CultureInfo.InvariantCulture))
                throw ApiErrors.Modified(kind.Group, kind.Plural, scope.Request.Name ?? "");
            metadata.Remove("resourceVersion");
        }
    }

    // An apply to the object does not own its status, and an apply to the status owns nothing else.
    private static void DropOtherParts(JsonObject applied, RequestScope scope)
    {
        if (scope.Subresource.Length == 0)
        {
            if (scope.Kind.HasSubresource(scope.Version, "status"))
                applied.Remove("status");
            return;
        }
        var names = new List<string>();
        foreach (var (name, _) in applied)
            names.Add(name);
        foreach (var name in names)
        {
            if (name is not ("apiVersion" or "kind" or "metadata") && name != scope.Subresource)
                applied.Remove(name);
        }
        var metadata = applied.Object("metadata");
        applied["metadata"] = new JsonObject { ["name"] = metadata.Text("name"), ["uid"] = metadata.Text("uid") };
    }
}
