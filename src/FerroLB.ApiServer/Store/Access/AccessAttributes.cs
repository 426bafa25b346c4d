using System;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Requests;

namespace FerroLB.ApiServer.Store.Access;

/// <summary>Who wants to do what: the question that an authorizer answers.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Groups">The user's groups.</param>
/// <param name="Verb">The verb, as in "list"; for a path the HTTP method in lower case.</param>
internal sealed record AccessAttributes(string User, ImmutableArray<string> Groups, string Verb)
{
    /// <summary>The API group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The plural name; "" when a path is meant.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The subresource or "".</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace; "" for all of them and for cluster-scoped resources.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The object's name, or "" for a collection.</summary>
    public string Name { get; init; } = "";

    /// <summary>The path, when no resource is meant.</summary>
    public string Path { get; init; } = "";

    /// <summary>The resource with its subresource, as rules name it: "services/status".</summary>
    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>The question that a request raises.</summary>
    public static AccessAttributes Of(RequestScope scope)
    {
        var request = scope.Request;
        return new(request.User, request.UserGroups, VerbName(request.Verb))
        {
            Group = request.Group, Resource = request.Resource, Subresource = request.Subresource,
            Namespace = scope.Kind is { Group: "", Plural: "namespaces" } ? request.Name ?? "" : scope.Namespace,
            Name = request.Name ?? SelectedName(request.QueryValue("fieldSelector")) ?? "",
        };
    }

    /// <summary>As in Kubernetes, a rule for a name covers the list and watch of the objects of that name, which is one.</summary>
    private static string? SelectedName(string? fieldSelector)
    {
        foreach (var part in (fieldSelector ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("metadata.name=", StringComparison.Ordinal))
                return part["metadata.name=".Length..].TrimStart('=');
        }
        return null;
    }

    /// <summary>The question in the spec of a review; null when it holds none.</summary>
    public static AccessAttributes? Read(JsonObject? spec, string user, ImmutableArray<string> groups)
    {
        if (spec.Object("nonResourceAttributes") is { } path)
            return new(user, groups, path.Text("verb") ?? "") { Path = path.Text("path") ?? "" };
        if (spec.Object("resourceAttributes") is not { } resource)
            return null;
        return new(user, groups, resource.Text("verb") ?? "")
        {
            Group = resource.Text("group") ?? "", Resource = resource.Text("resource") ?? "", Name = resource.Text("name") ?? "",
            Subresource = resource.Text("subresource") ?? "", Namespace = resource.Text("namespace") ?? "",
        };
    }

    /// <summary>
    /// What is refused, in Kubernetes' words: User "x" cannot list resource "services" in API group "" at the cluster scope.
    /// </summary>
    public string Refusal()
    {
        if (Resource.Length == 0)
            return $"User \"{User}\" cannot {Verb} path \"{Path}\"";
        var where = Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{Namespace}\"";
        return $"User \"{User}\" cannot {Verb} resource \"{FullResource}\" in API group \"{Group}\" {where}";
    }

    private static string VerbName(ApiVerb verb) => verb switch
    {
        ApiVerb.Get => "get",
        ApiVerb.List => "list",
        ApiVerb.Watch => "watch",
        ApiVerb.Create => "create",
        ApiVerb.Update => "update",
        ApiVerb.Patch => "patch",
        ApiVerb.Delete => "delete",
        _ => "deletecollection",
    };
}
