using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>
/// What one kind does beyond its schema: defaults that depend on other fields, validation, and what follows from a change.
/// </summary>
internal interface IKindRules
{
    /// <summary>Fills in what the user left out; <paramref name="old"/> is null for a new object.</summary>
    void Prepare(JsonObject value, StoredObject? old);

    /// <summary>Adds what is wrong.</summary>
    void Check(JsonObject value, StoredObject? old, List<FieldError> errors);

    /// <summary>Follows a change that happened; null is "not there".</summary>
    void Changed(StoredObject? before, StoredObject? after);
}

/// <summary>For kinds whose schema says everything.</summary>
internal sealed class SchemaOnlyRules : IKindRules
{
    /// <summary>The only one needed.</summary>
    public static readonly SchemaOnlyRules Instance = new();

    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
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
