using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Http.Protobuf;

/// <summary>
/// Turns a request body in Kubernetes' protocol buffer form into JSON. kubectl since 1.32 and Go's typed clients send it when they
/// create or update built-in kinds, and have no second try in JSON. Four bytes "k8s\0" precede a message `Unknown`, which names the kind
/// and holds the object. A field that is not in <see cref="KubeMessages"/> refuses the whole body: dropping it silently would store
/// something else than was sent.
/// </summary>
internal static class ProtobufBody
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static readonly SortedDictionary<string, ProtobufField[]> Messages = ReadTable();

    /// <summary>Converts one body.</summary>
    /// <param name="body">The bytes as sent.</param>
    /// <param name="json">The object in JSON.</param>
    /// <param name="error">Why it cannot be converted; "" on success.</param>
    public static bool TryConvert(ReadOnlySpan<byte> body, out byte[] json, out string error)
    {
        json = [];
        error = "";
        try
        {
            if (!body.StartsWith("k8s\0"u8))
                throw new InvalidDataException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
            json = JsonBytes.Of(ReadEnvelope(body[4..]));
            return true;
        }
        catch (Exception failure) when (failure is InvalidDataException or JsonException or ArgumentOutOfRangeException)
        {
            error = failure.Message;
            return false;
        }
    }

    private static JsonObject ReadEnvelope(ReadOnlySpan<byte> envelope)
    {
        ReadOnlySpan<byte> raw = default;
        string apiVersion = "", kind = "";
        var reader = new ProtobufReader(envelope);
        while (reader.Read())
        {
            if (reader.Number == 1)
                (apiVersion, kind) = ReadTypeMeta(reader.Bytes);
            else if (reader.Number == 2)
                raw = reader.Bytes;
        }
        // The other group's Event has the same name and different fields.
        string message = apiVersion == "events.k8s.io/v1" && kind == "Event" ? "EventV1" : kind;
        if (!Messages.ContainsKey(message))
            throw new InvalidDataException($"kind {kind} of {apiVersion} is not taken as protobuf; send it as JSON");
        JsonObject content = ReadMessage(message, raw, []);
        content["apiVersion"] = apiVersion;
        content["kind"] = kind;
        return content;
    }

    private static (string ApiVersion, string Kind) ReadTypeMeta(ReadOnlySpan<byte> message)
    {
        string apiVersion = "", kind = "";
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Number == 1)
                apiVersion = Encoding.UTF8.GetString(reader.Bytes);
            else if (reader.Number == 2)
                kind = Encoding.UTF8.GetString(reader.Bytes);
        }
        return (apiVersion, kind);
    }

    private static JsonObject ReadMessage(string name, ReadOnlySpan<byte> message, JsonObject target)
    {
        ProtobufField[] fields = Messages[name];
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            int number = reader.Number;
            ProtobufField field = Array.Find(fields, candidate => candidate.Number == number)
                ?? throw new InvalidDataException($"field {number} of {name} is not known in protobuf form; send the object as JSON");
            ReadField(field, reader, target);
        }
        return target;
    }

    private static void ReadField(ProtobufField field, ProtobufReader reader, JsonObject target)
    {
        if (field.IsInline)
        {
            ReadMessage(field.Type, reader.Bytes, target);
        }
        else if (field.IsMap)
        {
            if (target[field.Name] is not JsonObject map)
                target[field.Name] = map = [];
            ReadEntry(field, reader.Bytes, map);
        }
        else if (field.IsRepeated)
        {
            if (target[field.Name] is not JsonArray list)
                target[field.Name] = list = [];
            list.Add(ReadValue(field.Type, reader));
        }
        else if (ReadValue(field.Type, reader) is { } value && (field.KeepsZero || !IsZero(value)))
        {
            target[field.Name] = value;
        }
    }

    private static void ReadEntry(ProtobufField field, ReadOnlySpan<byte> entry, JsonObject map)
    {
        string key = "";
        JsonNode? value = field.Type is "string" or "bytes" ? "" : null;
        var reader = new ProtobufReader(entry);
        while (reader.Read())
        {
            if (reader.Number == 1)
                key = Encoding.UTF8.GetString(reader.Bytes);
            else
                value = ReadValue(field.Type, reader);
        }
        map[key] = value;
    }

    private static bool IsZero(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>().Length == 0,
        JsonValueKind.Number => value.GetValue<long>() == 0,
        JsonValueKind.False => true,
        _ => false,
    };

    private static JsonNode? ReadValue(string type, ProtobufReader reader) => type switch
    {
        "string" => Encoding.UTF8.GetString(reader.Bytes),
        "int" => reader.Value,
        "bool" => reader.Value != 0,
        "bytes" => Convert.ToBase64String(reader.Bytes),
        "time" => ReadTime(reader.Bytes, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        "microtime" => ReadTime(reader.Bytes, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        "intstr" => ReadIntOrString(reader.Bytes),
        "quantity" => ReadQuantity(reader.Bytes),
        "fields" => ReadFields(reader.Bytes),
        _ => ReadMessage(type, reader.Bytes, []),
    };

    private static JsonNode? ReadTime(ReadOnlySpan<byte> message, string format)
    {
        if (message.IsEmpty)
            return null;
        long seconds = 0, nanoseconds = 0;
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Number == 1)
                seconds = reader.Value;
            else if (reader.Number == 2)
                nanoseconds = Math.Clamp(reader.Value, 0, 999_999_999);
        }
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100).ToString(format, CultureInfo.InvariantCulture);
    }

    private static JsonNode ReadIntOrString(ReadOnlySpan<byte> message)
    {
        bool isString = false;
        long number = 0;
        string text = "";
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Number == 1)
                isString = reader.Value == 1;
            else if (reader.Number == 2)
                number = reader.Value;
            else
                text = Encoding.UTF8.GetString(reader.Bytes);
        }
        return isString ? text : number;
    }

    private static JsonNode ReadQuantity(ReadOnlySpan<byte> message)
    {
        string text = "";
        var reader = new ProtobufReader(message);
        while (reader.Read())
            text = Encoding.UTF8.GetString(reader.Bytes);
        return text;
    }

    private static JsonNode? ReadFields(ReadOnlySpan<byte> message)
    {
        JsonNode? fields = null;
        var reader = new ProtobufReader(message);
        while (reader.Read())
            fields = JsonNode.Parse(reader.Bytes);
        return fields;
    }

    private static SortedDictionary<string, ProtobufField[]> ReadTable()
    {
        var messages = new SortedDictionary<string, ProtobufField[]>(StringComparer.Ordinal);
        foreach (string line in KubeMessages.Table.Replace("\n  ", " ", StringComparison.Ordinal).Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            messages[line[..colon]] = [.. line[(colon + 1)..].Split(',').Select(field => ProtobufField.Parse(field.Trim()))];
        }
        return messages;
    }
}
