using System;
using System.Linq;
using System.Text.Json;

namespace FerroLB.Core.Admission;

/// <summary>
/// One BGPPeer from one version to the other. Everything outside of spec is copied as it is, because the API server refuses a conversion
/// that touches metadata.
///
/// From v1beta1 to v1beta2 every field is kept. A timer that is absent stays absent, and means the default in both versions; an explicit 0s
/// stays 0s. Port 0, which v1beta2 does not have, becomes absent and means 179 as before.
///
/// From v1beta2 to v1beta1 the fields that v1beta1 does not have are dropped, so such an edit loses them; a peer without peerASN or
/// peerAddress cannot be written back in v1beta1 at all, because its schema requires both. Selectors get empty parts for absent ones.
/// </summary>
internal static class PeerConversion
{
    private const string Old = "metallb.io/v1beta1";
    private const string New = "metallb.io/v1beta2";

    private static readonly string[] OldFields =
    [
        "myASN", "peerASN", "peerAddress", "sourceAddress", "peerPort", "holdTime", "keepaliveTime", "routerID", "nodeSelectors",
        "password", "bfdProfile", "ebgpMultiHop",
    ];

    /// <summary>Why an object cannot be converted, or null.</summary>
    public static string? FindProblem(JsonElement item, string desired)
    {
        if (desired is not (Old or New))
            return $"BGPPeer has no version \"{desired}\"; its versions are {Old} and {New}.";
        if (item.ValueKind != JsonValueKind.Object || Text(item, "kind") != "BGPPeer")
            return "Only BGPPeer objects can be converted.";
        var present = Text(item, "apiVersion");
        return present is Old or New ? null : $"A BGPPeer of version \"{present}\" cannot be converted to {desired}.";
    }

    /// <summary>Writes an object, for which there is no problem, in the desired version.</summary>
    public static void Write(Utf8JsonWriter json, JsonElement item, string desired)
    {
        var isSame = Text(item, "apiVersion") == desired;
        json.WriteStartObject();
        foreach (var property in item.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            if (property.NameEquals("apiVersion"))
                json.WriteStringValue(desired);
            else if (!isSame && property.NameEquals("spec") && property.Value.ValueKind == JsonValueKind.Object)
                WriteSpec(json, property.Value, toOld: desired == Old);
            else
                property.Value.WriteTo(json);
        }
        json.WriteEndObject();
    }

    private static void WriteSpec(Utf8JsonWriter json, JsonElement spec, bool toOld)
    {
        json.WriteStartObject();
        foreach (var field in spec.EnumerateObject())
        {
            var isDropped = toOld ? !OldFields.Contains(field.Name) : field.NameEquals("peerPort") && IsZero(field.Value);
            if (isDropped)
                continue;
            json.WritePropertyName(field.Name);
            if (toOld && field.NameEquals("nodeSelectors") && field.Value.ValueKind == JsonValueKind.Array)
                WriteSelectors(json, field.Value);
            else
                field.Value.WriteTo(json);
        }
        json.WriteEndObject();
    }

    private static void WriteSelectors(Utf8JsonWriter json, JsonElement selectors)
    {
        json.WriteStartArray();
        foreach (var selector in selectors.EnumerateArray())
        {
            json.WriteStartObject();
            json.WritePropertyName("matchLabels");
            WriteOr(json, selector, "matchLabels", () => { json.WriteStartObject(); json.WriteEndObject(); });
            json.WriteStartArray("matchExpressions");
            foreach (var expression in Items(selector, "matchExpressions"))
                WriteExpression(json, expression);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteExpression(Utf8JsonWriter json, JsonElement expression)
    {
        json.WriteStartObject();
        foreach (var name in (string[])["key", "operator"])
        {
            if (Find(expression, name) is { } value)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }
        json.WritePropertyName("values");
        WriteOr(json, expression, "values", () => { json.WriteStartArray(); json.WriteEndArray(); });
        json.WriteEndObject();
    }

    private static void WriteOr(Utf8JsonWriter json, JsonElement parent, string name, Action writeEmpty)
    {
        if (Find(parent, name) is { } value)
            value.WriteTo(json);
        else
            writeEmpty();
    }

    private static JsonElement[] Items(JsonElement parent, string name) =>
        Find(parent, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    /// <summary>A field that is there and not null.</summary>
    private static JsonElement? Find(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static bool IsZero(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number == 0;

    private static string Text(JsonElement item, string name) =>
        Find(item, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";
}
