using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>Writes lists from the bytes that each object version already has.</summary>
internal static class ListWriter
{
    /// <summary>The list as JSON; the last two go into its metadata when they are given.</summary>
    public static byte[] Write(RequestScope scope, IReadOnlyList<StoredObject> objects, long version, string? next, long? remaining)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", scope.Kind.Definition.ListKind);
            writer.WriteString("apiVersion", scope.Kind.ApiVersion(scope.Version));
            writer.WriteStartObject("metadata");
            writer.WriteString("resourceVersion", version.ToString(CultureInfo.InvariantCulture));
            if (next is not null)
                writer.WriteString("continue", next);
            if (remaining is { } count)
                writer.WriteNumber("remainingItemCount", count);
            writer.WriteEndObject();
            writer.WriteStartArray("items");
            foreach (var stored in objects)
                writer.WriteRawValue(stored.BytesFor(scope.Kind, scope.Version), skipInputValidation: true);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
