using System;
using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.State;

/// <summary>A durable record: what happened to one object, as compact JSON.</summary>
/// <param name="Operation">put, delete or version.</param>
/// <param name="Version">The resource version of the change.</param>
/// <param name="Group">The group of the resource.</param>
/// <param name="Resource">The plural name.</param>
/// <param name="Namespace">The object's namespace or "".</param>
/// <param name="Name">The object's name.</param>
/// <param name="Object">The object, for put.</param>
internal sealed record StoreRecord(
    string Operation, long Version, string Group, string Resource, string Namespace, string Name, JsonObject? Object)
{
    /// <summary>The operation that only states a version, at the end of a snapshot.</summary>
    public const string VersionOnly = "version";

    /// <summary>An object was written.</summary>
    public static ReadOnlyMemory<byte> Put(StoredObject stored)
    {
        var body = stored.StoredBytes;
        return Write("put", stored.Version, writer =>
        {
            Identify(writer, stored);
            writer.WritePropertyName("object");
            writer.WriteRawValue(body, skipInputValidation: true);
        });
    }

    /// <summary>An object was removed.</summary>
    public static ReadOnlyMemory<byte> Delete(StoredObject stored, long version) =>
        Write("delete", version, writer => Identify(writer, stored));

    /// <summary>The state is that of a version.</summary>
    public static ReadOnlyMemory<byte> AtVersion(long version) => Write(VersionOnly, version, _ => { });

    /// <summary>Reads a record; throws <see cref="JsonException"/> for foreign bytes.</summary>
    public static StoreRecord Read(ReadOnlySpan<byte> bytes)
    {
        var json = JsonText.Parse(bytes);
        return new(
            json.Text("op") ?? throw new JsonException("the record has no operation"), json.Integer("version") ?? 0,
                json.Text("group") ?? "",
            json.Text("resource") ?? "", json.Text("namespace") ?? "", json.Text("name") ?? "", json.Object("object")?.Copy());
    }

    private static void Identify(Utf8JsonWriter writer, StoredObject stored)
    {
        writer.WriteString("group", stored.Kind.Group);
        writer.WriteString("resource", stored.Kind.Plural);
        writer.WriteString("namespace", stored.Namespace);
        writer.WriteString("name", stored.Name);
    }

    private static ReadOnlyMemory<byte> Write(string operation, long version, Action<Utf8JsonWriter> rest)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("op", operation);
            writer.WriteNumber("version", version);
            rest(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
