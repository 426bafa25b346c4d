using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Store;

/// <summary>One served version of a resource.</summary>
public sealed record ResourceVersionDefinition
{
    /// <summary>The version's name, as in "v1beta1".</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The verbs, in discovery's words and in sorted order: create, delete, deletecollection, get, list, patch, update, watch.
    /// </summary>
    public required ImmutableArray<string> Verbs { get; init; }

    /// <summary>The subresources, sorted: "status", "scale", "finalize".</summary>
    public ImmutableArray<string> Subresources { get; init; } = [];

    /// <summary>
    /// The OpenAPI v3 schema of the whole object, without references; null when anything goes. Shared with the store: never write into
    /// it; clone before adding a piece of it to another document.
    /// </summary>
    public JsonObject? Schema { get; init; }

    /// <summary>The columns that a custom resource asks for; empty for built-in kinds, whose columns the front knows.</summary>
    public ImmutableArray<PrinterColumn> PrinterColumns { get; init; } = [];

    /// <summary>The fields by which field selectors may select a custom resource besides its name, as in "spec.color".</summary>
    public ImmutableArray<string> SelectableFields { get; init; } = [];

    /// <summary>The warning sent with each use of a deprecated version; null when it is not deprecated.</summary>
    public string? DeprecationWarning { get; init; }
}
