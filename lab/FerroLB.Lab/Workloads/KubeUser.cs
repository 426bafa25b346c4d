using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using FerroLB.Core.Kube;
using FerroLB.Lab.Cluster;

namespace FerroLB.Lab.Workloads;

/// <summary>Somebody with kubectl: reads and writes objects at the API server itself, without delay or faults.</summary>
public sealed class KubeUser(ApiFront api, string name)
{
    /// <summary>Creates an object; false when the server refuses it or is away.</summary>
    public bool Create(KubeResource resource, JsonObject body) =>
        Act(Request(resource, ApiVerb.Create, body["metadata"]?["namespace"]?.GetValue<string>(), null) with
        {
            Body = LabObjects.Bytes(body),
        });

    /// <summary>Replaces an object, or its status, by an edited copy; false when it does not exist or the edit is refused.</summary>
    public bool Edit(KubeResource resource, string? ns, string objectName, Action<JsonObject> edit, string subresource = "")
    {
        if (api.IsAway)
            return false;
        var found = api.Do(Request(resource, ApiVerb.Get, ns, objectName), name);
        if (found.StatusCode != 200 || JsonNode.Parse(found.Body.Span) is not JsonObject body)
            return false;
        edit(body);
        return Act(Request(resource, ApiVerb.Update, ns, objectName) with { Body = LabObjects.Bytes(body), Subresource = subresource });
    }

    /// <summary>Deletes an object; false when it does not exist.</summary>
    public bool Delete(KubeResource resource, string? ns, string objectName) => Act(Request(resource, ApiVerb.Delete, ns, objectName));

    /// <summary>The names of all objects of a kind, sorted.</summary>
    public IReadOnlyList<(string? Namespace, string Name)> List(KubeResource resource)
    {
        var names = new List<(string?, string)>();
        using var list = JsonDocument.Parse(api.Do(Request(resource, ApiVerb.List, null, null), name).Body);
        foreach (var item in list.RootElement.GetProperty("items").EnumerateArray())
        {
            var metadata = item.GetProperty("metadata");
            var ns = metadata.TryGetProperty("namespace", out var value) ? value.GetString() : null;
            names.Add((ns, metadata.GetProperty("name").GetString()!));
        }
        return names;
    }

    private bool Act(ApiRequest request)
    {
        if (api.IsAway)
            return false;
        api.Trace(name, request);
        var response = api.Do(request, name);
        if (response.StatusCode is not (>= 200 and < 300))
            api.TraceRefusal(name, response);
        return response.StatusCode is >= 200 and < 300;
    }

    private static ApiRequest Request(KubeResource resource, ApiVerb verb, string? ns, string? objectName) => new()
    {
        Verb = verb,
        Group = resource.Group,
        Version = resource.Version,
        Resource = resource.Plural,
        Namespace = resource.Namespaced ? ns : null,
        Name = objectName,
    };
}
