using System.Collections.Immutable;

namespace FerroLB.ApiServer.Store;

/// <summary>
/// One resource of one group, built in or defined by a CustomResourceDefinition: all that discovery, OpenAPI and tables need.
/// </summary>
public sealed record ResourceDefinition
{
    /// <summary>The API group; "" is core.</summary>
    public required string Group { get; init; }

    /// <summary>The served versions, the preferred one first.</summary>
    public required ImmutableArray<ResourceVersionDefinition> Versions { get; init; }

    /// <summary>The plural name used in URLs.</summary>
    public required string Plural { get; init; }

    /// <summary>The singular name that kubectl accepts.</summary>
    public required string Singular { get; init; }

    /// <summary>The kind of one object.</summary>
    public required string Kind { get; init; }

    /// <summary>The kind of a list.</summary>
    public required string ListKind { get; init; }

    /// <summary>Abbreviations, such as "svc".</summary>
    public ImmutableArray<string> ShortNames { get; init; } = [];

    /// <summary>Groups of resources such as "all".</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>Whether objects live in namespaces.</summary>
    public required bool Namespaced { get; init; }

    /// <summary>Whether a CustomResourceDefinition defines it.</summary>
    public bool IsCustom { get; init; }
}
