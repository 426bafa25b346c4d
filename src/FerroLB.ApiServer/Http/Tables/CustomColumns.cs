using System;
using System.Collections.Generic;
using System.Text.Json;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>The columns of a custom resource: its name, then what its definition asks for, or its age when that asks for nothing.</summary>
internal static class CustomColumns
{
    /// <summary>Builds the columns of one served version.</summary>
    public static IReadOnlyList<TableColumn> Of(ResourceVersionDefinition version)
    {
        var columns = new List<TableColumn> { CommonColumns.Name };
        foreach (PrinterColumn column in version.PrinterColumns)
            columns.Add(Column(column));
        if (columns.Count == 1)
            columns.Add(CommonColumns.Age);
        return columns;
    }

    private static TableColumn Column(PrinterColumn column)
    {
        JsonPath path = JsonPath.Parse(column.JsonPath);
        return new TableColumn(column.Name, column.Type, (item, now) => Cell(path.First(item), column.Type, now))
        {
            Format = column.Format,
            Description = column.Description,
            Priority = column.Priority,
        };
    }

    private static object? Cell(JsonElement value, string type, DateTimeOffset now) => (type, value.ValueKind) switch
    {
        (_, JsonValueKind.Undefined or JsonValueKind.Null) => null,
        ("string", JsonValueKind.String) => value.GetString(),
        ("string", _) => value.GetRawText(),
        ("integer", JsonValueKind.Number) => value.TryGetInt64(out long whole) ? whole : null,
        ("number", JsonValueKind.Number) => value.GetDouble(),
        ("boolean", JsonValueKind.True or JsonValueKind.False) => value.GetBoolean(),
        ("date", JsonValueKind.String) => HumanAge.Since(value.GetString()!, now),
        _ => null,
    };
}
