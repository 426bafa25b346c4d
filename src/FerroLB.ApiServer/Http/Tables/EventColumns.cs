using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>The columns of events, in both groups that serve them.</summary>
internal static class EventColumns
{
    /// <summary>Columns of core/v1 events.</summary>
    public static readonly IReadOnlyList<TableColumn> Core =
        Columns("involvedObject", "message", "count", "firstTimestamp", "lastTimestamp");

    /// <summary>Columns of events.k8s.io/v1 events.</summary>
    public static readonly IReadOnlyList<TableColumn> Events =
        Columns("regarding", "note", "deprecatedCount", "deprecatedFirstTimestamp", "deprecatedLastTimestamp");

    private static IReadOnlyList<TableColumn> Columns(string about, string message, string count, string first, string last) =>
    [
        new TableColumn("Last Seen", "string", (item, now) => HumanAge.Since(LastSeen(item, last, first), now)),
        CommonColumns.Text("Type", item => item.Text("type")),
        CommonColumns.Text("Reason", item => item.Text("reason")),
        CommonColumns.Text("Object", item => ObjectName(item.At(about))),
        CommonColumns.Wide("Subobject", item => item.Text(about, "fieldPath")),
        CommonColumns.Wide("Source", item => Source(item)),
        CommonColumns.Text("Message", item => item.Text(message).Trim()),
        new TableColumn("First Seen", "string", (item, now) => HumanAge.Since(FirstSeen(item, first), now)) { Priority = 1 },
        CommonColumns.Count("Count", item => Count(item, count)) with { Priority = 1 },
        CommonColumns.Name with { Priority = 1 },
    ];

    private static long Count(JsonElement item, string count) =>
        Math.Max(1, Math.Max(item.Integer(count), item.Integer("series", "count")));

    private static string FirstOf(params string[] candidates) => candidates.FirstOrDefault(text => text.Length > 0) ?? "";

    private static string FirstSeen(JsonElement item, string first) =>
        FirstOf(item.Text(first), item.Text("eventTime"), item.Text("metadata", "creationTimestamp"));

    private static string LastSeen(JsonElement item, string last, string first) =>
        FirstOf(item.Text("series", "lastObservedTime"), item.Text(last), FirstSeen(item, first));

    private static string ObjectName(JsonElement about)
    {
        // Kubernetes prints plain lower case here, "ipaddresspool/first".
#pragma warning disable CA1308
        string kind = about.Text("kind").ToLowerInvariant();
#pragma warning restore CA1308
        return about.Text("name") is { Length: > 0 } name ? kind + "/" + name : kind;
    }

    private static string Source(JsonElement item)
    {
        string component = FirstOf(item.Text("source", "component"), item.Text("deprecatedSource", "component"),
            item.Text("reportingComponent"), item.Text("reportingController"));
        string host = FirstOf(item.Text("source", "host"), item.Text("deprecatedSource", "host"), item.Text("reportingInstance"));
        return host.Length > 0 ? component + ", " + host : component;
    }
}
