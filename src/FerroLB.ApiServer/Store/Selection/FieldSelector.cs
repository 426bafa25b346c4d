using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Selection;

/// <summary>A field selector of the query string, as in "metadata.name=a,status.phase!=Running".</summary>
internal sealed class FieldSelector
{
    private readonly List<(string[] Path, bool Equal, string Value)> _requirements = [];

    /// <summary>Whether everything matches.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>The name that is asked for, when the selector asks for just one; it saves a walk over all objects.</summary>
    public string? Name { get; private set; }

    /// <summary>Reads a selector for a kind; throws <see cref="ApiException"/> 400 for fields that the kind does not support.</summary>
    public static FieldSelector Parse(string? text, ResourceKind kind, string version)
    {
        var selector = new FieldSelector();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw ApiErrors.BadRequest($"invalid selector: '{part}'; can't understand '{part}'");
            var isEqual = part[equals - 1] != '!';
            var field = part[..(isEqual ? equals : equals - 1)].Trim();
            var value = part[(equals + 1)..].TrimStart('=').Trim();
            if (!IsSupported(field, kind, version))
                throw ApiErrors.BadRequest($"Unable to find \"{kind.ApiVersion(kind.StorageVersion)}, Resource={kind.Plural}\" that " +
                    "match label " +
                    $"selector \"\", field selector \"{text}\": field label not supported: {field}");
            if (field == "metadata.name" && isEqual)
                selector.Name = value;
            selector._requirements.Add((field.Split('.'), isEqual, value));
        }
        return selector;
    }

    /// <summary>Whether an object matches as a version of a kind shows it.</summary>
    public bool Matches(ResourceKind kind, StoredObject stored, string version)
    {
        // Metadata is alike in all versions, so nothing need be converted for it.
        var value = stored.TryShow(kind, version, out var shown) ? shown : stored.Json;
        foreach (var (path, equal, wanted) in _requirements)
        {
            var node = value.At(path);
            var actual = node.AsText() ?? (node is JsonValue ? JsonText.ToText(node) : "");
            if (actual == wanted != equal)
                return false;
        }
        return true;
    }

    private static bool IsSupported(string field, ResourceKind kind, string version)
    {
        if (field == "metadata.name" || (field == "metadata.namespace" && kind.Namespaced))
            return true;
        if (kind.IsCustom)
            return kind.Version(version)?.SelectableFields.Contains(field) == true;
        return kind.Plural switch
        {
            "services" => field is "spec.type" or "spec.clusterIP",
            "nodes" => field is "spec.unschedulable",
            "namespaces" => field is "status.phase",
            "secrets" => field is "type",
            "replicasets" => field is "status.replicas",
            "pods" => field is "spec.nodeName" or "spec.restartPolicy" or "spec.schedulerName" or "spec.serviceAccountName" or
                "spec.hostNetwork" or "status.phase" or "status.podIP" or "status.nominatedNodeName",
            "events" => field is "reason" or "type" or "reportingComponent" or "reportingController" or "source" ||
                IsObjectReference(field),
            _ => false,
        };
    }

    private static bool IsObjectReference(string field) =>
        field.StartsWith("involvedObject.", StringComparison.Ordinal) || field.StartsWith("regarding.", StringComparison.Ordinal);
}
