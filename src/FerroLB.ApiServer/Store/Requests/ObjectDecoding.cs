using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.ApiServer.Store.Schemas;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>
/// From what a client sent to an object as its kind knows it: right kind and version, unknown fields reported or refused and dropped,
/// types checked as Go's decoder checks them, schema defaults filled in.
/// </summary>
internal static class ObjectDecoding
{
    /// <summary>Reads the body of a POST, PUT or apply; throws <see cref="ApiException"/> 400.</summary>
    public static JsonObject Read(RequestScope scope)
    {
        var duplicates = new List<string>();
        if (scope.ParseBody(duplicates) is not JsonObject value)
            throw ApiErrors.BadRequest($"the object provided is unrecognized (must be of type {scope.Kind.Name}): expected a JSON object");
        CheckType(value, scope);
        var unknown = Normalise(value, scope.Kind, scope.Version);
        ReportUnknown(scope, duplicates, unknown, errors =>
            ApiErrors.BadRequest($"{scope.Kind.Name} in version \"{scope.Version}\" cannot be handled as a {scope.Kind.Name}: " +
                $"strict decoding error: {errors}"));
        return value;
    }

    /// <summary>Prunes, checks types and fills defaults in place; the unknown fields.</summary>
    public static List<string> Normalise(JsonObject value, ResourceKind kind, string version)
    {
        var schema = kind.Schema(version);
        var unknown = new List<string>();
        if (!kind.IsCustom)
        {
            SchemaPruning.DropNulls(value);
            if (TypedDecoding.FirstError(value, schema) is { } error)
                throw ApiErrors.BadRequest($"{kind.Name} in version \"{version}\" cannot be handled as a {kind.Name}: {error}");
        }
        if (value["metadata"] is not JsonObject metadata)
            value["metadata"] = metadata = [];
        SchemaPruning.DropNulls(metadata);
        if (kind.IsCustom && TypedDecoding.FirstError(new JsonObject { ["metadata"] = metadata.DeepClone() }, schema) is { } metadataError)
            throw ApiErrors.BadRequest($"{kind.Name} in version \"{version}\" cannot be handled as a {kind.Name}: {metadataError}");
        SchemaPruning.PruneObject(value, schema, unknown);
        SchemaPruning.DropEmpties(metadata, MetadataSchema.Node);
        if (!kind.IsCustom)
            SchemaPruning.DropEmpties(value, schema);
        value["metadata"] ??= new JsonObject();
        SchemaDefaults.Apply(value, schema);
        return unknown;
    }

    /// <summary>Refuses, reports or passes over unknown and repeated fields, as fieldValidation asks.</summary>
    public static void ReportUnknown(RequestScope scope, List<string> duplicates, List<string> unknown, Func<string, ApiException> refuse)
    {
        if (duplicates.Count == 0 && unknown.Count == 0)
            return;
        var errors = SchemaPruning.StrictErrors(duplicates, unknown);
        switch (scope.Request.QueryValue("fieldValidation"))
        {
            case "Strict":
                throw refuse(errors);
            case "Ignore":
                return;
            default:
                scope.Warnings.AddRange(errors.Split(", "));
                return;
        }
    }

    /// <summary>Checks apiVersion and kind, or fills them in.</summary>
    public static void CheckType(JsonObject value, RequestScope scope)
    {
        var apiVersion = scope.Kind.ApiVersion(scope.Version);
        if (value.Text("apiVersion") is { Length: > 0 } given && given != apiVersion)
            throw ApiErrors.BadRequest($"the API version in the data ({given}) does not match the expected API version ({apiVersion})");
        if (value.Text("kind") is { Length: > 0 } kind && kind != scope.Kind.Name)
            throw ApiErrors.BadRequest(scope.Kind.IsCustom
                ? $"{kind} in version \"{scope.Version}\" cannot be handled as a {scope.Kind.Name}: kind in the data ({kind}) does " +
                    "not match"
                : $"{kind} in version \"{scope.Version}\" cannot be handled as a {scope.Kind.Name}: converting " +
                    $"({scope.Version}.{kind}) to " +
                $"(core.{scope.Kind.Name}): unknown conversion");
        value["apiVersion"] = apiVersion;
        value["kind"] = scope.Kind.Name;
    }
}
