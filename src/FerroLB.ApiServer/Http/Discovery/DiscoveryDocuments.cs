using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http.Discovery;

/// <summary>
/// What /api and /apis answer, so that clients learn which resources exist: the plain form, one document per group and version, which every
/// client understands; and the aggregated form, two documents for everything, which kubectl asks for since 1.27.
/// </summary>
public sealed class DiscoveryDocuments
{
    private readonly IReadOnlyList<ApiGroup> _groups;

    /// <summary>Makes the documents of a catalogue.</summary>
    public DiscoveryDocuments(IReadOnlyList<ApiGroup> groups) => _groups = groups;

    /// <summary>The answer to /api: the versions of the core group.</summary>
    /// <param name="serverAddress">Host and port under which the client reached the server.</param>
    public static JsonObject CoreVersions(string serverAddress) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject
        {
            ["clientCIDR"] = "0.0.0.0/0",
            ["serverAddress"] = serverAddress,
        }),
    };

    /// <summary>The answer to /apis: the named groups.</summary>
    public JsonObject GroupList() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. _groups.Where(group => group.Name.Length > 0).Select(DescribeGroup)]),
    };

    /// <summary>The answer to /apis/{group}; null when there is no such group.</summary>
    public JsonObject? Group(string name)
    {
        if (FindGroup(name) is not { } group)
            return null;
        JsonObject document = DescribeGroup(group);
        document.Insert(0, "kind", "APIGroup");
        document.Insert(1, "apiVersion", "v1");
        return document;
    }

    /// <summary>The answer to /api/v1 or /apis/{group}/{version}; null when that is not served.</summary>
    public JsonObject? ResourceList(string groupName, string version)
    {
        if (FindGroup(groupName) is not { } group || !group.Versions.Contains(version))
            return null;
        var resources = new JsonArray();
        foreach ((ResourceDefinition resource, ResourceVersionDefinition served) in group.Served(version))
        {
            resources.Add((JsonNode)DescribeResource(resource, served));
            foreach (string subresource in served.Subresources)
                resources.Add((JsonNode)DescribeSubresource(resource, subresource));
        }
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.GroupVersion(version),
            ["resources"] = resources,
        };
    }

    /// <summary>The aggregated answer to /api (core) or /apis (the named groups).</summary>
    /// <param name="core">Whether the core group is meant.</param>
    /// <param name="formVersion">The version of the form that was asked for: "v2" or "v2beta1".</param>
    public JsonObject Aggregated(bool core, string formVersion) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/" + formVersion,
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. _groups.Where(group => group.Name.Length == 0 == core).Select(AggregateGroup)]),
    };

    /// <summary>The verbs that a subresource allows.</summary>
    internal static ImmutableArray<string> SubresourceVerbs(string subresource) =>
        subresource == "finalize" ? ["update"] : subresource == "token" ? ["create"] : ["get", "patch", "update"];

    private ApiGroup? FindGroup(string name) => _groups.FirstOrDefault(group => group.Name == name);

    private static JsonObject DescribeGroup(ApiGroup group) => new()
    {
        ["name"] = group.Name,
        ["versions"] = new JsonArray([.. group.Versions.Select(version => DescribeVersion(group, version))]),
        ["preferredVersion"] = DescribeVersion(group, group.Versions[0]),
    };

    private static JsonObject DescribeVersion(ApiGroup group, string version) =>
        new() { ["groupVersion"] = group.GroupVersion(version), ["version"] = version };

    private static JsonObject DescribeResource(ResourceDefinition resource, ResourceVersionDefinition version)
    {
        var described = new JsonObject
        {
            ["name"] = resource.Plural,
            ["singularName"] = resource.Singular,
            ["namespaced"] = resource.Namespaced,
            ["kind"] = resource.Kind,
            ["verbs"] = Strings(version.Verbs),
        };
        AddNames(described, resource);
        return described;
    }

    private static JsonObject DescribeSubresource(ResourceDefinition resource, string subresource)
    {
        var described = new JsonObject
        {
            ["name"] = resource.Plural + "/" + subresource,
            ["singularName"] = "",
            ["namespaced"] = resource.Namespaced,
            ["kind"] = resource.Kind,
            ["verbs"] = Strings(SubresourceVerbs(subresource)),
        };
        if (OwnKind(subresource) is { } own)
            (described["group"], described["version"], described["kind"]) = (own.Group, own.Version, own.Kind);
        return described;
    }

    /// <summary>The kind of a subresource that is not a part of its resource.</summary>
    private static (string Group, string Version, string Kind)? OwnKind(string subresource) => subresource switch
    {
        "scale" => ("autoscaling", "v1", "Scale"),
        "token" => ("authentication.k8s.io", "v1", "TokenRequest"),
        _ => null,
    };

    private static JsonObject SubresourceKind(
        ApiGroup group, ResourceVersionDefinition version, ResourceDefinition resource, string subresource) =>
        OwnKind(subresource) is { } own
            ? new() { ["group"] = own.Group, ["version"] = own.Version, ["kind"] = own.Kind }
            : ResponseKind(group, version, resource);

    private static void AddNames(JsonObject described, ResourceDefinition resource)
    {
        if (!resource.ShortNames.IsEmpty)
            described["shortNames"] = Strings(resource.ShortNames);
        if (!resource.Categories.IsEmpty)
            described["categories"] = Strings(resource.Categories);
    }

    private static JsonObject AggregateGroup(ApiGroup group)
    {
        // The core group's object has an empty metadata.
        var metadata = new JsonObject { ["creationTimestamp"] = null };
        if (group.Name.Length > 0)
            metadata.Insert(0, "name", group.Name);
        return new JsonObject
        {
            ["metadata"] = metadata,
            ["versions"] = new JsonArray([.. group.Versions.Select(version => AggregateVersion(group, version))]),
        };
    }

    private static JsonObject AggregateVersion(ApiGroup group, string version)
    {
        IEnumerable<JsonObject> resources = group.Served(version)
            .Select(served => AggregateResource(group, served.Resource, served.Version));
        return new JsonObject
        {
            ["version"] = version,
            ["resources"] = new JsonArray([.. resources]),
            ["freshness"] = "Current",
        };
    }

    private static JsonObject AggregateResource(ApiGroup group, ResourceDefinition resource, ResourceVersionDefinition version)
    {
        var described = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = ResponseKind(group, version, resource),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = Strings(version.Verbs),
        };
        AddNames(described, resource);
        if (!version.Subresources.IsEmpty)
        {
            described["subresources"] = new JsonArray([.. version.Subresources.Select(subresource => new JsonObject
            {
                ["subresource"] = subresource,
                ["responseKind"] = SubresourceKind(group, version, resource, subresource),
                ["verbs"] = Strings(SubresourceVerbs(subresource)),
            })]);
        }
        return described;
    }

    private static JsonObject ResponseKind(ApiGroup group, ResourceVersionDefinition version, ResourceDefinition resource) =>
        new() { ["group"] = group.Name, ["version"] = version.Name, ["kind"] = resource.Kind };

    private static JsonArray Strings(ImmutableArray<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
