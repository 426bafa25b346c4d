using System;
using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>Events are stored in their core form; events.k8s.io shows the same objects with other field names.</summary>
internal static class EventTranslation
{
    private static readonly (string Core, string Modern)[] Fields =
    [
        ("message", "note"), ("involvedObject", "regarding"), ("reportingComponent", "reportingController"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ];

    /// <summary>Core to events.k8s.io.</summary>
    public static JsonObject ToModern(JsonObject core) =>
        Rename(core, "events.k8s.io/v1", name => Array.Find(Fields, field => field.Core == name).Modern);

    /// <summary>events.k8s.io to core.</summary>
    public static JsonObject ToCore(JsonObject modern) =>
        Rename(modern, "v1", name => Array.Find(Fields, field => field.Modern == name).Core);

    private static JsonObject Rename(JsonObject source, string apiVersion, Func<string, string?> newName)
    {
        var result = new JsonObject();
        foreach (var (name, value) in source)
            result[newName(name) ?? name] = name == "apiVersion" ? apiVersion : value?.DeepClone();
        return result;
    }
}
