using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>Leases: a positive duration and a count of transitions that is no less than nothing.</summary>
internal sealed class LeaseRules : IKindRules
{
    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
        if (value.Integer("spec", "leaseDurationSeconds") is { } duration and <= 0)
            errors.Add(FieldError.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
        if (value.Integer("spec", "leaseTransitions") is { } transitions and < 0)
            errors.Add(FieldError.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"));
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after)
    {
    }
}
