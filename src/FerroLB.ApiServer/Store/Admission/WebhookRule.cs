using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Admission;

/// <summary>One entry of a webhook's rules: which operations on which resources it wants to see.</summary>
internal sealed class WebhookRule
{
    private readonly List<string> _operations;
    private readonly List<string> _groups;
    private readonly List<string> _versions;
    private readonly List<string> _resources;
    private readonly string _scope;

    /// <summary>Reads a rule.</summary>
    public WebhookRule(JsonNode? source)
    {
        _operations = source.Array("operations").Texts();
        _groups = source.Array("apiGroups").Texts();
        _versions = source.Array("apiVersions").Texts();
        _resources = source.Array("resources").Texts();
        _scope = source.Text("scope") ?? "*";
    }

    /// <summary>Whether a request is meant.</summary>
    public bool Matches(string operation, string group, string version, string plural, string subresource, bool namespaced) =>
        (_operations.Contains("*") || _operations.Contains(operation))
        && (_groups.Contains("*") || _groups.Contains(group))
        && (_versions.Contains("*") || _versions.Contains(version))
        && (_scope == "*" || _scope == (namespaced ? "Namespaced" : "Cluster"))
        && _resources.Exists(pattern => MatchesResource(pattern, plural, subresource));

    // "pods" is the resource without subresources, "pods/*" also with them, "*" every resource, "*/*" everything.
    private static bool MatchesResource(string pattern, string plural, string subresource)
    {
        var slash = pattern.IndexOf('/', System.StringComparison.Ordinal);
        var (resource, below) = slash < 0 ? (pattern, "") : (pattern[..slash], pattern[(slash + 1)..]);
        return (resource == "*" || resource == plural) && (below == "*" || below == subresource);
    }
}
