using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.Runtime.Telemetry;

/// <summary>Who somebody is, as a TokenReview says it.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Uid">The user's uid; "" when there is none.</param>
/// <param name="Groups">The groups.</param>
/// <param name="Extra">What the authenticator adds, by name.</param>
internal sealed record ScrapeUser(
    string Name, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>> Extra);

/// <summary>Bodies of TokenReview (authentication.k8s.io/v1) and SubjectAccessReview (authorization.k8s.io/v1).</summary>
internal static class AccessReviews
{
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 32 };

    /// <summary>Asks whose token this is.</summary>
    public static ReadOnlyMemory<byte> WriteTokenReview(string token) => Write("authentication.k8s.io/v1", "TokenReview", json =>
        json.WriteString("token", token));

    /// <summary>The user of an answered TokenReview; null when the token is not known, or the answer is none.</summary>
    public static ScrapeUser? ReadUser(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Shallow);
            if (!document.RootElement.TryGetProperty("status", out var status) ||
                !status.TryGetProperty("authenticated", out var known) || known.ValueKind != JsonValueKind.True ||
                !status.TryGetProperty("user", out var user) || !user.TryGetProperty("username", out var name))
                return null;
            var extra = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
            if (user.TryGetProperty("extra", out var more) && more.ValueKind == JsonValueKind.Object)
            {
                foreach (var item in more.EnumerateObject())
                    extra[item.Name] = Texts(item.Value);
            }
            var uid = user.TryGetProperty("uid", out var id) ? id.GetString() : null;
            var groups = user.TryGetProperty("groups", out var list) ? Texts(list) : [];
            return name.GetString() is { Length: > 0 } text ? new(text, uid ?? "", groups, extra) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Asks whether a user may do something with a URL that is no resource.</summary>
    public static ReadOnlyMemory<byte> WriteAccessReview(ScrapeUser user, string path, string verb) =>
        Write("authorization.k8s.io/v1", "SubjectAccessReview", json =>
        {
            json.WriteString("user", user.Name);
            if (user.Uid.Length > 0)
                json.WriteString("uid", user.Uid);
            WriteTexts(json, "groups", user.Groups);
            json.WriteStartObject("extra");
            foreach (var (name, values) in user.Extra)
                WriteTexts(json, name, values);
            json.WriteEndObject();
            json.WriteStartObject("nonResourceAttributes");
            json.WriteString("path", path);
            json.WriteString("verb", verb);
            json.WriteEndObject();
        });

    /// <summary>Whether an answered SubjectAccessReview says yes.</summary>
    public static bool ReadAllowed(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Shallow);
            return document.RootElement.TryGetProperty("status", out var status) &&
                status.TryGetProperty("allowed", out var allowed) && allowed.ValueKind == JsonValueKind.True;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string[] Texts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")] : [];

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static ReadOnlyMemory<byte> Write(string apiVersion, string kind, Action<Utf8JsonWriter> writeSpec)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", apiVersion);
            json.WriteString("kind", kind);
            json.WriteStartObject("spec");
            writeSpec(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return body.WrittenMemory;
    }
}
