using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Selection;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>Deployments, DaemonSets and ReplicaSets: the selector selects the template's pods and never changes.</summary>
internal sealed class WorkloadRules : IKindRules
{
    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
        if (value.Object("spec", "selector") is not { } selector)
            return;
        ObjectSelector.Check(selector, "spec.selector", errors);
        var labels = value.Object("spec", "template", "metadata", "labels");
        var compiled = new ObjectSelector(selector);
        if (compiled.IsEmpty)
            errors.Add(FieldError.Invalid("spec.selector", selector, "empty selector is invalid for deployment"));
        else if (value.Object("spec", "template") is not null && !compiled.Matches(labels))
            errors.Add(FieldError.Invalid("spec.template.metadata.labels", labels ?? [], "`selector` does not match template `labels`"));
        if (old is not null && !JsonTree.Same(old.Json.Object("spec", "selector"), selector))
            errors.Add(FieldError.Invalid("spec.selector", selector, "field is immutable"));
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after)
    {
    }
}
