using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FerroLB.ApiServer.Http.Tables;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http;

/// <summary>Gives the store's answers the form that the client asked for: objects, tables, or metadata alone.</summary>
internal sealed class ResponseForm
{
    /// <summary>What is accepted, for error messages.</summary>
    public const string Supported =
        "application/json, application/json;as=Table;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    private readonly AcceptedForm _form;
    private readonly TableWriter? _table;
    private bool _headingsSent;

    private ResponseForm(AcceptedForm form, TableWriter? table)
    {
        _form = form;
        _table = table;
    }

    /// <summary>Picks the first form of the client's list that is spoken here; null when there is none.</summary>
    /// <param name="accept">The Accept header.</param>
    /// <param name="resource">What is asked for; null when it is not known, and then objects come as they are.</param>
    /// <param name="includeObject">The query's `includeObject`.</param>
    public static ResponseForm? Choose(
        string accept, (ResourceDefinition Resource, ResourceVersionDefinition Version)? resource, string includeObject)
    {
        AcceptedForm? form = AcceptedForm.Parse(accept).FirstOrDefault(IsSpoken);
        if (form is null)
            return null;
        if (!form.IsTable || resource is not { } known)
            return new ResponseForm(form.IsTable ? AcceptedForm.Plain : form, null);
        IReadOnlyList<TableColumn> columns = known.Resource.IsCustom
            ? CustomColumns.Of(known.Version)
            : BuiltInColumns.Of(known.Resource.Group, known.Resource.Plural);
        return new ResponseForm(form, new TableWriter(columns, form.Version, includeObject));
    }

    /// <summary>Converts the body of an answer; failures and other Status objects stay as they are.</summary>
    public ReadOnlyMemory<byte> Convert(ApiResponse response, DateTimeOffset now)
    {
        if (_form.As.Length == 0 || response.StatusCode >= 400)
            return response.Body;
        using JsonDocument document = JsonDocument.Parse(response.Body);
        JsonElement content = document.RootElement;
        if (content.Text("kind") == "Status")
            return response.Body;
        return _table?.Write(content, now) ?? JsonBytes.Written(writer => WritePartial(writer, content));
    }

    /// <summary>Converts one line of a watch.</summary>
    public ReadOnlyMemory<byte> ConvertEvent(ReadOnlyMemory<byte> line, DateTimeOffset now)
    {
        if (_form.As.Length == 0)
            return line;
        using JsonDocument document = JsonDocument.Parse(line);
        string type = document.RootElement.Text("type");
        if (type == "ERROR")
            return line;
        JsonElement item = document.RootElement.At("object");
        ReadOnlyMemory<byte> converted = JsonBytes.Written(writer => WriteEvent(writer, type, item, now));
        _headingsSent = true;
        return converted;
    }

    private static bool IsSpoken(AcceptedForm form) =>
        form.As.Length == 0 || ((form.IsTable || form.IsPartial) && form.Group == "meta.k8s.io" && form.Version is "v1" or "v1beta1");

    private void WriteEvent(Utf8JsonWriter writer, string type, JsonElement item, DateTimeOffset now)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WritePropertyName("object");
        if (_table is not null)
            _table.Write(writer, item, now, withHeadings: !_headingsSent);
        else
            TableWriter.WritePartial(writer, item, _form.Version);
        writer.WriteEndObject();
    }

    private void WritePartial(Utf8JsonWriter writer, JsonElement content)
    {
        if (content.At("items").ValueKind != JsonValueKind.Array)
        {
            TableWriter.WritePartial(writer, content, _form.Version);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("kind", "PartialObjectMetadataList");
        writer.WriteString("apiVersion", "meta.k8s.io/" + _form.Version);
        writer.WritePropertyName("metadata");
        content.At("metadata").WriteTo(writer);
        writer.WriteStartArray("items");
        foreach (JsonElement item in content.Items("items"))
            TableWriter.WritePartial(writer, item, _form.Version);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
