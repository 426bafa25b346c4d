using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Admission;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>DELETE of one object or a collection, with preconditions, propagation policy and finalizers.</summary>
internal static class DeleteRequests
{
    /// <summary>DELETE of one object.</summary>
    public static ApiResponse Delete(RequestScope scope)
    {
        var options = ReadOptions(scope);
        var live = scope.Find();
        CheckPreconditions(scope, live, options);
        if (live.Kind.Plural == "namespaces" && live.Kind.Group.Length == 0 && live.Name is ("default" or "kube-system" or "kube-public"))
            throw ApiErrors.Forbidden("", "namespaces", live.Name, "this namespace may not be deleted");
        Conversions.Prepare(scope, [live]);
        AdmissionStep.Delete(scope, live, options);
        scope.Calls.Require();
        if (scope.DryRun)
            return Deleted(scope, live);
        Deletions.Begin(scope.Store, live, Policy(scope, options));
        Deletions.Settle(scope.Store);
        return live.Kind.Table.Find(live.Namespace, live.Name) is { } remaining && remaining.Uid == live.Uid
            ? scope.Respond(200, remaining)
            : Deleted(scope, live);
    }

    /// <summary>DELETE of all objects that the selectors match; answers with the list of them.</summary>
    public static ApiResponse DeleteCollection(RequestScope scope)
    {
        var options = ReadOptions(scope);
        var objects = ReadRequests.Select(scope);
        Conversions.Prepare(scope, objects);
        foreach (var live in objects)
            AdmissionStep.Delete(scope, live, options);
        scope.Calls.Require();
        foreach (var live in objects)
        {
            if (!scope.DryRun && live.Kind.Table.Find(live.Namespace, live.Name) is { } current && current.Uid == live.Uid)
                Deletions.Begin(scope.Store, current, Policy(scope, options));
        }
        Deletions.Settle(scope.Store);
        return new ApiResponse { StatusCode = 200, Body = ListWriter.Write(scope, objects, scope.Store.Version, null, null) };
    }

    private static JsonObject ReadOptions(RequestScope scope)
    {
        if (scope.Request.Body.IsEmpty)
            return [];
        var options = scope.ParseBody(null) as JsonObject ?? throw ApiErrors.BadRequest("expected DeleteOptions");
        scope.DryRun |= options.Array("dryRun").Texts().Contains("All");
        return options;
    }

    private static void CheckPreconditions(RequestScope scope, StoredObject live, JsonObject options)
    {
        var preconditions = options.Object("preconditions");
        var version = live.Version.ToString(CultureInfo.InvariantCulture);
        if (preconditions.Text("uid") is { } uid && uid != live.Uid)
            throw ApiErrors.Conflict(scope.Kind.Group, scope.Kind.Plural, live.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {live.Uid}");
        if (preconditions.Text("resourceVersion") is { } wanted && wanted != version)
            throw ApiErrors.Conflict(scope.Kind.Group, scope.Kind.Plural, live.Name,
                $"Precondition failed: ResourceVersion in precondition: {wanted}, ResourceVersion in object meta: {version}");
    }

    private static string Policy(RequestScope scope, JsonObject options)
    {
        if ((options.Text("propagationPolicy") ?? scope.Request.QueryValue("propagationPolicy")) is { } policy)
        {
            if (policy is not ("Foreground" or "Background" or "Orphan"))
                throw ApiErrors.Invalid("meta.k8s.io", "DeleteOptions", "",
                    [FieldError.NotSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"])]);
            if (options.Boolean("orphanDependents") is not null)
                throw ApiErrors.Invalid("meta.k8s.io", "DeleteOptions", "", [FieldError.InvalidShown("propagationPolicy", $"\"{policy}\"",
                    "orphanDependents and deletionPropagation cannot be both set")]);
            return policy;
        }
        return options.Boolean("orphanDependents") == true ||
            scope.Request.QueryValue("orphanDependents") == "true" ? "Orphan" : "Background";
    }

    private static ApiResponse Deleted(RequestScope scope, StoredObject live)
    {
        var details = new JsonObject { ["name"] = live.Name };
        if (scope.Kind.Group.Length > 0)
            details["group"] = scope.Kind.Group;
        details["kind"] = scope.Kind.Plural;
        details["uid"] = live.Uid;
        return scope.Respond(200, new JsonObject
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details,
        });
    }
}
