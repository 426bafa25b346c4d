using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>The columns of pods.</summary>
internal static class PodColumns
{
    /// <summary>NAME READY STATUS RESTARTS AGE, wide IP NODE NOMINATED NODE READINESS GATES.</summary>
    public static readonly IReadOnlyList<TableColumn> Pods =
    [
        CommonColumns.Name,
        CommonColumns.Text("Ready", Ready),
        CommonColumns.Text("Status", Status),
        new TableColumn("Restarts", "string", Restarts),
        CommonColumns.Age,
        CommonColumns.Wide("IP", Address),
        CommonColumns.Wide("Node", item => item.Text("spec", "nodeName").OrNone()),
        CommonColumns.Wide("Nominated Node", item => item.Text("status", "nominatedNodeName").OrNone()),
        CommonColumns.Wide("Readiness Gates", ReadinessGates),
    ];

    private static string Ready(JsonElement item)
    {
        int ready = item.Items("status", "containerStatuses").Count(status => status.IsTrue("ready"));
        return $"{ready}/{item.Items("spec", "containers").Count()}";
    }

    private static string Status(JsonElement item)
    {
        if (item.Text("metadata", "deletionTimestamp").Length > 0)
            return item.Text("status", "reason") == "NodeLost" ? "Unknown" : "Terminating";
        string reason = item.Text("status", "reason") is { Length: > 0 } given ? given : item.Text("status", "phase");
        foreach (JsonElement status in item.Items("status", "containerStatuses").Reverse())
        {
            string waiting = status.Text("state", "waiting", "reason");
            string terminated = status.Text("state", "terminated", "reason");
            if (waiting.Length + terminated.Length > 0)
                reason = waiting.Length > 0 ? waiting : terminated;
        }
        return reason;
    }

    private static string Restarts(JsonElement item, DateTimeOffset now)
    {
        long restarts = item.Items("status", "containerStatuses").Sum(status => status.Integer("restartCount"));
        string last = item.Items("status", "containerStatuses")
            .Select(status => status.Text("lastState", "terminated", "finishedAt"))
            .Where(time => time.Length > 0)
            .Order(StringComparer.Ordinal)
            .LastOrDefault("");
        return restarts > 0 && last.Length > 0 ? $"{restarts} ({HumanAge.Since(last, now)} ago)" : $"{restarts}";
    }

    private static string Address(JsonElement item) =>
        (item.Items("status", "podIPs").Select(address => address.Text("ip")).FirstOrDefault("") is { Length: > 0 } first
            ? first
            : item.Text("status", "podIP")).OrNone();

    private static string ReadinessGates(JsonElement item)
    {
        JsonElement[] gates = [.. item.Items("spec", "readinessGates")];
        int passed = gates.Count(gate => CommonColumns.Condition(item, gate.Text("conditionType")) == "True");
        return gates.Length == 0 ? "<none>" : $"{passed}/{gates.Length}";
    }
}
