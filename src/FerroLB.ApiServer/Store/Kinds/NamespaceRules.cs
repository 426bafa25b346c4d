using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>Namespaces: the finalizer and the name label that every namespace has.</summary>
internal sealed class NamespaceRules : IKindRules
{
    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
        var metadata = value.Ensure("metadata");
        metadata.Ensure("labels")["kubernetes.io/metadata.name"] = metadata.Text("name");
        if (old is null)
            value.Ensure("spec")["finalizers"] = JsonTree.ToArray(["kubernetes"]);
        value.Ensure("status").TryAdd("phase", "Active");
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after)
    {
    }
}
