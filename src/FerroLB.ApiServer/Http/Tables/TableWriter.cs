using System;
using System.Collections.Generic;
using System.Text.Json;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>
/// Turns objects and lists into `meta.k8s.io` Tables, so that the server decides which columns kubectl prints. Each row carries the
/// object's metadata, the whole object, or nothing, as the client's `includeObject` says; kubectl sorts, labels and watches by it.
/// </summary>
public sealed class TableWriter
{
    private readonly IReadOnlyList<TableColumn> _columns;
    private readonly string _version;
    private readonly string _includeObject;

    /// <summary>Makes a writer for one kind.</summary>
    /// <param name="columns">The kind's columns.</param>
    /// <param name="version">The version of meta.k8s.io that the client asked for: "v1" or "v1beta1".</param>
    /// <param name="includeObject">"None", "Object", or "Metadata", which is also meant by anything else.</param>
    public TableWriter(IReadOnlyList<TableColumn> columns, string version, string includeObject)
    {
        _columns = columns;
        _version = version == "v1beta1" ? version : "v1";
        _includeObject = includeObject;
    }

    /// <summary>The table of one object, or of a list's items.</summary>
    /// <param name="content">An object or a list.</param>
    /// <param name="now">Present UTC, for ages.</param>
    /// <param name="withHeadings">Whether the columns are described; false after a watch's first event.</param>
    public byte[] Write(JsonElement content, DateTimeOffset now, bool withHeadings = true) =>
        JsonBytes.Written(writer => Write(writer, content, now, withHeadings));

    /// <summary>The same into a writer.</summary>
    internal void Write(Utf8JsonWriter writer, JsonElement content, DateTimeOffset now, bool withHeadings)
    {
        JsonElement items = content.At("items");
        bool isList = items.ValueKind is JsonValueKind.Array or JsonValueKind.Null;
        writer.WriteStartObject();
        writer.WriteString("kind", "Table");
        writer.WriteString("apiVersion", "meta.k8s.io/" + _version);
        WriteMetadata(writer, content.At("metadata"), isList);
        writer.WriteStartArray("columnDefinitions");
        foreach (TableColumn column in withHeadings ? _columns : [])
            WriteHeading(writer, column);
        writer.WriteEndArray();
        writer.WriteStartArray("rows");
        foreach (JsonElement item in isList ? content.Items("items") : [content])
            WriteRow(writer, item, now);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>An object of kind PartialObjectMetadata: its metadata alone.</summary>
    internal static void WritePartial(Utf8JsonWriter writer, JsonElement item, string version)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "PartialObjectMetadata");
        writer.WriteString("apiVersion", "meta.k8s.io/" + version);
        WriteField(writer, "metadata", item.At("metadata"));
        writer.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, JsonElement metadata, bool isList)
    {
        if (isList)
        {
            WriteField(writer, "metadata", metadata);
            return;
        }
        writer.WriteStartObject("metadata");
        writer.WriteString("resourceVersion", metadata.Text("resourceVersion"));
        writer.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter writer, string name, JsonElement value)
    {
        writer.WritePropertyName(name);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
            return;
        }
        value.WriteTo(writer);
    }

    private static void WriteHeading(Utf8JsonWriter writer, TableColumn column)
    {
        writer.WriteStartObject();
        writer.WriteString("name", column.Name);
        writer.WriteString("type", column.Type);
        writer.WriteString("format", column.Format);
        writer.WriteString("description", column.Description);
        writer.WriteNumber("priority", column.Priority);
        writer.WriteEndObject();
    }

    private void WriteRow(Utf8JsonWriter writer, JsonElement item, DateTimeOffset now)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("cells");
        foreach (TableColumn column in _columns)
            WriteCell(writer, column.Cell(item, now));
        writer.WriteEndArray();
        if (_includeObject != "None")
        {
            writer.WritePropertyName("object");
            if (_includeObject == "Object")
                item.WriteTo(writer);
            else
                WritePartial(writer, item, _version);
        }
        writer.WriteEndObject();
    }

    private static void WriteCell(Utf8JsonWriter writer, object? cell)
    {
        switch (cell)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case long whole:
                writer.WriteNumberValue(whole);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
