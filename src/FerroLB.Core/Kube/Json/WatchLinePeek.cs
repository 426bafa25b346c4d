using System;
using System.Text.Json;

namespace FerroLB.Core.Kube.Json;

/// <summary>
/// Which object in which version a line of a watch is about, found without reading the object: a node's own writes come back through its
/// watch, and there is nothing in such a line that is not known.
/// </summary>
internal static class WatchLinePeek
{
    /// <summary>Finds key and version of an object that is there or changed; false for other lines and for what is not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, out ObjectKey key, out string? version)
    {
        (key, version) = (default, null);
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && IsNext(ref reader, "type") && reader.Read() &&
                (reader.ValueTextEquals("MODIFIED") || reader.ValueTextEquals("ADDED")) && IsNext(ref reader, "object") && reader.Read() &&
                FindMetadata(ref reader) && ReadMetadata(ref reader, out key, out version);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsNext(ref Utf8JsonReader reader, string name) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name);

    private static bool FindMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFound = reader.ValueTextEquals("metadata");
            reader.Read();
            if (isFound)
                return reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
        }
        return false;
    }

    private static bool ReadMetadata(ref Utf8JsonReader reader, out ObjectKey key, out string? version)
    {
        string? name = null;
        var space = "";
        version = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"))
                name = ReadText(ref reader);
            else if (reader.ValueTextEquals("namespace"))
                space = ReadText(ref reader) ?? "";
            else if (reader.ValueTextEquals("resourceVersion"))
                version = ReadText(ref reader);
            else
                reader.Skip();
        }
        key = new ObjectKey(space, name ?? "");
        return name is not null && version is not null && reader.TokenType == JsonTokenType.EndObject;
    }

    private static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
    }
}
