using System;
using System.Text.Json;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>One column of a table that kubectl prints.</summary>
/// <param name="Name">The heading; kubectl shows it in capitals.</param>
/// <param name="Type">string, integer, number, boolean or date.</param>
/// <param name="Cell">The cell of an object at a time: a string, a long, a double, a bool, or null for nothing.</param>
public sealed record TableColumn(string Name, string Type, Func<JsonElement, DateTimeOffset, object?> Cell)
{
    /// <summary>An OpenAPI format; "name" marks the column that names the object.</summary>
    public string Format { get; init; } = "";

    /// <summary>What the column tells.</summary>
    public string Description { get; init; } = "";

    /// <summary>0 is always shown; above 0 only with `-o wide`.</summary>
    public int Priority { get; init; }
}
