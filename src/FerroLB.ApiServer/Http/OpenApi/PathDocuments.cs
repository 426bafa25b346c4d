using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http.OpenApi;

/// <summary>
/// The "paths" of OpenAPI documents. Clients read little from them: which kind a path is about, and whether a PATCH takes `dryRun` and
/// `fieldValidation`, which tells kubectl that the server validates fields by itself.
/// </summary>
internal static class PathDocuments
{
    private static readonly (string Method, string Action, string Verb)[] CollectionOperations =
    [
        ("get", "list", "list"), ("post", "post", "create"), ("delete", "deletecollection", "deletecollection"),
    ];

    private static readonly (string Method, string Action, string Verb)[] ObjectOperations =
    [
        ("get", "get", "get"), ("put", "put", "update"), ("delete", "delete", "delete"), ("patch", "patch", "patch"),
    ];

    /// <summary>Adds the paths of one resource.</summary>
    /// <param name="paths">The object to add to.</param>
    /// <param name="group">The resource's group.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="version">Its version.</param>
    /// <param name="isV3">Whether parameters are written as OpenAPI v3 has them, or v2.</param>
    public static void Add(JsonObject paths, ApiGroup group, ResourceDefinition resource, ResourceVersionDefinition version, bool isV3)
    {
        string prefix = group.UrlOf(version.Name) + (resource.Namespaced ? "/namespaces/{namespace}/" : "/") + resource.Plural;
        List<string> parameters = resource.Namespaced ? ["namespace"] : [];
        paths[prefix] = Item(resource, version, CollectionOperations, parameters, isV3);
        parameters.Add("name");
        paths[prefix + "/{name}"] = Item(resource, version, ObjectOperations, parameters, isV3);
        if (resource.Namespaced)
            paths[group.UrlOf(version.Name) + "/" + resource.Plural] = Item(resource, version, CollectionOperations[..1], [], isV3);
    }

    private static JsonObject Item(
        ResourceDefinition resource,
        ResourceVersionDefinition version,
        (string Method, string Action, string Verb)[] operations,
        List<string> pathParameters,
        bool isV3)
    {
        var item = new JsonObject();
        foreach ((string method, string action, string verb) in operations)
        {
            if (version.Verbs.Contains(verb))
                item[method] = Operation(resource, version, method, action, isV3);
        }
        if (pathParameters.Count > 0)
        {
            var parameters = new JsonArray();
            foreach (string name in pathParameters)
                parameters.Add((JsonNode)Parameter(name, "path", isV3));
            item["parameters"] = parameters;
        }
        return item;
    }

    private static JsonObject Operation(
        ResourceDefinition resource, ResourceVersionDefinition version, string method, string action, bool isV3)
    {
        string group = resource.Group.Replace(".", "", StringComparison.Ordinal);
        var operation = new JsonObject { ["operationId"] = action + group + version.Name + resource.Kind };
        if (method is "post" or "put" or "patch")
        {
            operation["parameters"] = new JsonArray(
                Parameter("dryRun", "query", isV3), Parameter("fieldManager", "query", isV3), Parameter("fieldValidation", "query", isV3));
        }
        operation["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } };
        operation["x-kubernetes-action"] = action;
        operation["x-kubernetes-group-version-kind"] = new JsonObject
        {
            ["group"] = resource.Group,
            ["kind"] = resource.Kind,
            ["version"] = version.Name,
        };
        return operation;
    }

    private static JsonObject Parameter(string name, string place, bool isV3)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place };
        if (place == "path")
            parameter["required"] = true;
        if (isV3)
            parameter["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true };
        else
            parameter["type"] = "string";
        return parameter;
    }
}
