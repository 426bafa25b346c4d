using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Access;

/// <summary>Role bindings and roles: API groups filled in, references that can be resolved, a role reference that stays.</summary>
internal sealed class RoleRules : IKindRules
{
    private const string Api = "rbac.authorization.k8s.io";

    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
        if (value.Object("roleRef") is { } role && string.IsNullOrEmpty(role.Text("apiGroup")))
            role["apiGroup"] = Api;
        foreach (var item in value.Array("subjects") ?? [])
        {
            if (item is JsonObject subject && subject.Text("kind") is "User" or "Group" && string.IsNullOrEmpty(item.Text("apiGroup")))
                ((JsonObject)item!)["apiGroup"] = Api;
        }
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
        if (value.Object("roleRef") is not { } role)
            return;
        var isCluster = value.Text("kind") == "ClusterRoleBinding";
        string[] kinds = isCluster ? ["ClusterRole"] : ["ClusterRole", "Role"];
        if (role.Text("kind") is { Length: > 0 } kind && System.Array.IndexOf(kinds, kind) < 0)
            errors.Add(FieldError.NotSupported("roleRef.kind", kind, kinds));
        if (string.IsNullOrEmpty(role.Text("name")))
            errors.Add(FieldError.Required("roleRef.name"));
        var subjects = value.Array("subjects") ?? [];
        for (var i = 0; i < subjects.Count; i++)
        {
            if (subjects[i].Text("kind") is not ("User" or "Group" or "ServiceAccount"))
                errors.Add(FieldError.NotSupported($"subjects[{i}].kind", subjects[i].Text("kind"), ["ServiceAccount", "User", "Group"]));
            else if (isCluster && subjects[i].Text("kind") == "ServiceAccount" && string.IsNullOrEmpty(subjects[i].Text("namespace")))
                errors.Add(FieldError.Required($"subjects[{i}].namespace"));
        }
        if (old is not null && !JsonTree.Same(old.Json["roleRef"], role))
            errors.Add(FieldError.Invalid("roleRef", role, "cannot change roleRef"));
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after)
    {
    }
}
