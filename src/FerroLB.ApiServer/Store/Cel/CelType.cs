using System.Collections.Generic;
using FerroLB.ApiServer.Store.Schemas;

namespace FerroLB.ApiServer.Store.Cel;

/// <summary>The type of an expression, as far as a schema tells it.</summary>
/// <param name="Name">int, double, string, bool, bytes, null_type, list, map, object, dyn, or the long names of times.</param>
/// <param name="Element">The type of the items of a list or of the values of a map, whose keys are strings.</param>
/// <param name="Members">The members of an object.</param>
internal sealed record CelType(string Name, CelType? Element = null, IReadOnlyDictionary<string, CelType>? Members = null)
{
    /// <summary>Anything: what it is shows at run time.</summary>
    public static readonly CelType Dyn = new("dyn");

    /// <summary>A truth value.</summary>
    public static readonly CelType Bool = new("bool");

    /// <summary>A whole number.</summary>
    public static readonly CelType Int = new("int");

    /// <summary>A number with fractions.</summary>
    public static readonly CelType Double = new("double");

    /// <summary>A text.</summary>
    public static readonly CelType Text = new("string");

    /// <summary>A duration.</summary>
    public static readonly CelType Duration = new("google.protobuf.Duration");

    /// <summary>A point in time.</summary>
    public static readonly CelType Timestamp = new("google.protobuf.Timestamp");

    /// <summary>Whether nothing is known.</summary>
    public bool IsDyn => Name == "dyn";

    /// <summary>A list.</summary>
    public static CelType List(CelType element) => new("list", element);

    /// <summary>A map from texts.</summary>
    public static CelType Map(CelType element) => new("map", element);

    /// <summary>The type of the values that a schema describes.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="isResource">Whether this is a whole object, of whose metadata only the names can be read.</param>
    public static CelType Of(SchemaNode schema, bool isResource)
    {
        if (schema.IntOrString || schema.Nullable)
            return Dyn;
        return schema.Type switch
        {
            "boolean" => Bool,
            "integer" => Int,
            "number" => Double,
            "string" => schema.Format switch
            {
                "date" or "date-time" => Timestamp,
                "duration" => Duration,
                "byte" => new("bytes"),
                _ => Text,
            },
            "array" => List(schema.Items is { } items ? Of(items, false) : Dyn),
            "object" => OfObject(schema, isResource || schema.EmbeddedResource),
            _ => Dyn,
        };
    }

    /// <summary>As messages show it.</summary>
    public override string ToString() => Name switch
    {
        "list" => $"list({Element})",
        "map" => $"map(string, {Element})",
        _ => Name,
    };

    private static CelType OfObject(SchemaNode schema, bool isResource)
    {
        if (schema.AdditionalProperties is { } additional)
            return Map(Of(additional, false));
        if (schema.PreserveUnknown)
            return Dyn;
        var members = new SortedDictionary<string, CelType>(System.StringComparer.Ordinal);
        foreach (var (name, property) in schema.Properties)
            members[name] = Of(property, false);
        if (isResource)
        {
            members["apiVersion"] = members["kind"] = Text;
            members["metadata"] = new("object", null,
                new SortedDictionary<string, CelType>(System.StringComparer.Ordinal) { ["name"] = Text, ["generateName"] = Text });
        }
        return new("object", null, members);
    }

    /// <summary>The type of a constant.</summary>
    public static CelType OfLiteral(object? value) => value switch
    {
        null => new("null_type"),
        bool => Bool,
        long => Int,
        double => Double,
        string => Text,
        _ => Dyn,
    };
}
