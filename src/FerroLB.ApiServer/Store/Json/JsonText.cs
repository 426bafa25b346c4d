using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Store.Json;

/// <summary>
/// Reads and writes JSON. Trees are built at once, with numbers as long where they fit and double otherwise, so that later reads never
/// fail; of a repeated key the last value wins and the path is reported.
/// </summary>
internal static class JsonText
{
    private const int MaximumDepth = 200;

    private static readonly JsonWriterOptions Compact =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = MaximumDepth + 50 };

    /// <summary>Reads one value; throws <see cref="JsonException"/> with a message for the user.</summary>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, List<string>? duplicates = null)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaximumDepth });
        try
        {
            reader.Read();
            var node = ReadValue(ref reader, "", duplicates);
            if (reader.Read())
                throw new JsonException("text after the end of the value");
            return node;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("invalid text: " + e.Message, e);
        }
    }

    /// <summary>Reads one value from text; for constants.</summary>
    public static JsonNode? Parse(string text) => Parse(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes compact UTF-8.</summary>
    public static byte[] Write(JsonNode? node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            if (node is null)
                writer.WriteNullValue();
            else
                node.WriteTo(writer);
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes compact text.</summary>
    public static string ToText(JsonNode? node) => System.Text.Encoding.UTF8.GetString(Write(node));

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, string path, List<string>? duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, path, duplicates);
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    array.Add(ReadValue(ref reader, duplicates is null ? "" : $"{path}[{array.Count}]", duplicates));
                return array;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var integer) ? JsonValue.Create(integer) : JsonValue.Create(ReadDouble(ref reader));
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            default:
                return null;
        }
    }

    private static double ReadDouble(ref Utf8JsonReader reader) =>
        reader.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw new JsonException("number out of range");

    private static JsonObject ReadObject(ref Utf8JsonReader reader, string path, List<string>? duplicates)
    {
        var result = new JsonObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            var child = duplicates is null ? "" : path.Length == 0 ? key : $"{path}.{key}";
            reader.Read();
            if (result.ContainsKey(key))
                duplicates?.Add(child);
            result[key] = ReadValue(ref reader, child, duplicates);
        }
        return result;
    }
}
