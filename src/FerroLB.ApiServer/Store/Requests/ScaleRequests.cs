using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Patches;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>The scale subresource: spec.replicas of the object, shown as an autoscaling/v1 Scale.</summary>
internal static class ScaleRequests
{
    /// <summary>GET, PUT or merge PATCH of the scale.</summary>
    public static ApiResponse Handle(RequestScope scope)
    {
        var live = scope.Find();
        if (scope.Request.Verb == ApiVerb.Get)
            return scope.Respond(200, Scale(live.Json));
        if (scope.Request.Verb is not (ApiVerb.Update or ApiVerb.Patch))
            throw ApiErrors.MethodNotAllowed();
        var body = scope.ParseBody(null);
        var wanted = scope.Request.Verb == ApiVerb.Update
            ? body
            : body is JsonArray ? JsonPatch.Apply(Scale(live.Json), body) : MergePatch.Apply(Scale(live.Json), body);
        if (wanted.Integer("spec", "replicas") is not (>= 0 and <= int.MaxValue))
            throw ApiErrors.Invalid("autoscaling", "Scale", live.Name,
                [FieldError.Invalid("spec.replicas", wanted.At("spec", "replicas"), "must be greater than or equal to 0")]);
        var value = live.Json.Copy();
        value.Ensure("spec")["replicas"] = wanted.Integer("spec", "replicas");
        WriteRequests.UpdateFrom(scope, live, value, scope.Manager(false));
        return scope.Respond(200, Scale(scope.Find().Json));
    }

    private static JsonObject Scale(JsonObject source) => new()
    {
        ["kind"] = "Scale",
        ["apiVersion"] = "autoscaling/v1",
        ["metadata"] = new JsonObject
        {
            ["name"] = source.Text("metadata", "name"),
            ["namespace"] = source.Text("metadata", "namespace"),
            ["uid"] = source.Text("metadata", "uid"),
            ["resourceVersion"] = source.Text("metadata", "resourceVersion"),
            ["creationTimestamp"] = source.Text("metadata", "creationTimestamp"),
        },
        ["spec"] = new JsonObject { ["replicas"] = source.Integer("spec", "replicas") ?? 0 },
        ["status"] = new JsonObject { ["replicas"] = source.Integer("status", "replicas") ?? 0 },
    };
}
