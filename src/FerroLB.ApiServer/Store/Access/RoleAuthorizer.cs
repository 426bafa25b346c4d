using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Selection;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Access;

/// <summary>
/// Role-based access control as rbac.authorization.k8s.io/v1 defines it: what somebody may do is the sum of the rules of all roles that
/// bindings give to the user or to one of the user's groups; nothing is ever forbidden by a rule.
/// </summary>
internal sealed class RoleAuthorizer(ObjectStore store)
{
    private const string Api = "rbac.authorization.k8s.io";
    private const string Everything = "system:masters";

    /// <summary>Whether a question is answered with yes, and why.</summary>
    public (bool Allowed, string Reason) Decide(AccessAttributes attributes)
    {
        if (!store.Options.RoleBasedAccess || attributes.Groups.Contains(Everything))
            return (true, "");
        var missing = new List<string>();
        foreach (var (rules, reason) in Grants(attributes, missing))
        {
            foreach (var rule in rules)
            {
                if (Covers(rule, attributes))
                    return (true, "RBAC: allowed by " + reason);
            }
        }
        return (false, missing.Count == 0 ? "" : "RBAC: " + (missing.Count == 1 ? missing[0] : $"[{string.Join(", ", missing)}]"));
    }

    /// <summary>Throws 403 unless a request is allowed.</summary>
    public void Require(AccessAttributes attributes)
    {
        var (allowed, reason) = Decide(attributes);
        if (allowed)
            return;
        var why = reason.Length == 0 ? attributes.Refusal() : $"{attributes.Refusal()}: {reason}";
        throw ApiErrors.Forbidden(attributes.Group, attributes.Resource, attributes.Name, why);
    }

    /// <summary>All rules that hold for somebody in a namespace.</summary>
    public List<JsonNode> RulesFor(AccessAttributes who)
    {
        var all = new List<JsonNode>();
        if (!store.Options.RoleBasedAccess || who.Groups.Contains(Everything))
        {
            all.Add(JsonText.Parse("""{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}""")!);
            all.Add(JsonText.Parse("""{"verbs":["*"],"nonResourceURLs":["*"]}""")!);
            return all;
        }
        foreach (var (rules, _) in Grants(who, []))
            all.AddRange(rules);
        return all;
    }

    private IEnumerable<(List<JsonNode> Rules, string Reason)> Grants(AccessAttributes who, List<string> missing)
    {
        foreach (var binding in List("clusterrolebindings", null))
        {
            if (SubjectOf(binding, who) is { } subject)
                yield return (RulesOf(binding, missing), Describe("ClusterRoleBinding", binding.Name, binding, subject));
        }
        if (who.Namespace.Length == 0)
            yield break;
        foreach (var binding in List("rolebindings", who.Namespace))
        {
            if (SubjectOf(binding, who) is { } subject)
                yield return (RulesOf(binding, missing), Describe("RoleBinding", $"{binding.Name}/{binding.Namespace}", binding, subject));
        }
    }

    private List<StoredObject> List(string plural, string? @namespace) => store.Registry.Find(Api, plural)?.Table.List(@namespace) ?? [];

    private static string Describe(string kind, string name, StoredObject binding, string subject) =>
        $"{kind} \"{name}\" of {binding.Json.Text("roleRef", "kind")} \"{binding.Json.Text("roleRef", "name")}\" to {subject}";

    private static string? SubjectOf(StoredObject binding, AccessAttributes who)
    {
        foreach (var subject in binding.Json.Array("subjects") ?? [])
        {
            var name = subject.Text("name") ?? "";
            switch (subject.Text("kind"))
            {
                case "User" when name == who.User:
                    return $"User \"{name}\"";
                case "Group" when who.Groups.Contains(name):
                    return $"Group \"{name}\"";
                case "ServiceAccount":
                    var space = subject.Text("namespace") is { Length: > 0 } given ? given : binding.Namespace;
                    if (who.User == $"system:serviceaccount:{space}:{name}")
                        return $"ServiceAccount \"{name}/{space}\"";
                    break;
            }
        }
        return null;
    }

    private List<JsonNode> RulesOf(StoredObject binding, List<string> missing)
    {
        var isCluster = binding.Json.Text("roleRef", "kind") == "ClusterRole";
        var name = binding.Json.Text("roleRef", "name") ?? "";
        var table = store.Registry.Find(Api, isCluster ? "clusterroles" : "roles")?.Table;
        if (table?.Find(isCluster ? "" : binding.Namespace, name) is { } role)
            return RulesIn(role);
        missing.Add($"{(isCluster ? "clusterrole" : "role")}.{Api} \"{name}\" not found");
        return [];
    }

    private List<JsonNode> RulesIn(StoredObject role)
    {
        var rules = new List<JsonNode>();
        AddRules(role, rules);
        foreach (var source in role.Json.Array("aggregationRule", "clusterRoleSelectors") ?? [])
        {
            var selector = new ObjectSelector(source as JsonObject);
            foreach (var other in List("clusterroles", null))
            {
                if (other.Name != role.Name && selector.Matches(other.Labels))
                    AddRules(other, rules);
            }
        }
        return rules;
    }

    private static void AddRules(StoredObject role, List<JsonNode> rules)
    {
        foreach (var rule in role.Json.Array("rules") ?? [])
        {
            if (rule is not null)
                rules.Add(rule);
        }
    }

    private static bool Covers(JsonNode rule, AccessAttributes wanted)
    {
        if (!Has(rule, "verbs", wanted.Verb))
            return false;
        if (wanted.Resource.Length == 0)
            return CoversPath(rule, wanted.Path);
        var names = rule.Array("resourceNames").Texts();
        return Has(rule, "apiGroups", wanted.Group) && CoversResource(rule, wanted) && (names.Count == 0 || names.Contains(wanted.Name));
    }

    private static bool Has(JsonNode rule, string field, string value)
    {
        var values = rule.Array(field).Texts();
        return values.Contains("*") || values.Contains(value);
    }

    private static bool CoversResource(JsonNode rule, AccessAttributes wanted) =>
        Has(rule, "resources", wanted.FullResource)
        || (wanted.Subresource.Length > 0 && rule.Array("resources").Texts().Contains("*/" + wanted.Subresource));

    private static bool CoversPath(JsonNode rule, string path)
    {
        foreach (var pattern in rule.Array("nonResourceURLs").Texts())
        {
            if (pattern == path || pattern == "*")
                return true;
            if (pattern.EndsWith('*') && path.StartsWith(pattern[..^1], StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
