using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Access;

/// <summary>The cluster roles without which nobody but the administrator could speak to the server at all.</summary>
internal static class BootstrapRoles
{
    // name | the group that has it, or "" | verbs | API groups and resources, or paths
    private const string Table =
        """
        cluster-admin|system:masters|*|*:*|*
        system:basic-user|system:authenticated|create|authorization.k8s.io:selfsubjectaccessreviews,selfsubjectrulesreviews|
        system:basic-review|system:authenticated|create|authentication.k8s.io:selfsubjectreviews|
        system:discovery|system:authenticated|get||/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/
        system:auth-delegator||create|authentication.k8s.io:tokenreviews;authorization.k8s.io:subjectaccessreviews|
        """;

    /// <summary>Each role, and its binding or null.</summary>
    public static System.Collections.Generic.IEnumerable<(JsonObject Role, JsonObject? Binding)> All()
    {
        foreach (var line in Table.Split('\n'))
        {
            var cells = line.Trim().Split('|');
            yield return (Role(cells), cells[1].Length == 0 ? null : Binding(cells[0], cells[1]));
        }
    }

    private static JsonObject Role(string[] cells)
    {
        var rules = new JsonArray();
        foreach (var resources in cells[3].Split(';', System.StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = resources.IndexOf(':', System.StringComparison.Ordinal);
            rules.Add((JsonNode)new JsonObject
            {
                ["apiGroups"] = new JsonArray(resources[..colon]),
                ["resources"] = JsonTree.ToArray(resources[(colon + 1)..].Split(',')), ["verbs"] = new JsonArray(cells[2]),
            });
        }
        if (cells[4].Length > 0)
            rules.Add((JsonNode)new JsonObject
            {
                ["nonResourceURLs"] = JsonTree.ToArray(cells[4].Split(',')), ["verbs"] = new JsonArray(cells[2]),
            });
        return new JsonObject { ["metadata"] = Metadata(cells[0]), ["rules"] = rules };
    }

    private static JsonObject Binding(string role, string group) => new()
    {
        ["metadata"] = Metadata(role),
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(
            new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Group", ["name"] = group }),
    };

    private static JsonObject Metadata(string name) => new()
    {
        ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
    };
}
