using System.Collections.Generic;
using System.Text.Json;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>The columns of the apps group.</summary>
internal static class WorkloadColumns
{
    private static readonly TableColumn Containers =
        CommonColumns.Wide("Containers", item => CommonColumns.Containers(item.At("spec", "template", "spec"), "name"));

    private static readonly TableColumn Images =
        CommonColumns.Wide("Images", item => CommonColumns.Containers(item.At("spec", "template", "spec"), "image"));

    private static readonly TableColumn Selector =
        CommonColumns.Wide("Selector", item => CommonColumns.Selector(item.At("spec", "selector")));

    /// <summary>NAME READY UP-TO-DATE AVAILABLE AGE, wide CONTAINERS IMAGES SELECTOR.</summary>
    public static readonly IReadOnlyList<TableColumn> Deployments =
    [
        CommonColumns.Name,
        CommonColumns.Text("Ready", Ready),
        CommonColumns.Count("Up-to-date", item => item.Integer("status", "updatedReplicas")),
        CommonColumns.Count("Available", item => item.Integer("status", "availableReplicas")),
        CommonColumns.Age,
        Containers,
        Images,
        Selector,
    ];

    /// <summary>NAME READY AGE, wide CONTAINERS IMAGES.</summary>
    public static readonly IReadOnlyList<TableColumn> StatefulSets =
        [CommonColumns.Name, CommonColumns.Text("Ready", Ready), CommonColumns.Age, Containers, Images];

    /// <summary>NAME DESIRED CURRENT READY AGE, wide CONTAINERS IMAGES SELECTOR.</summary>
    public static readonly IReadOnlyList<TableColumn> ReplicaSets =
    [
        CommonColumns.Name,
        CommonColumns.Count("Desired", item => item.Integer("spec", "replicas")),
        CommonColumns.Count("Current", item => item.Integer("status", "replicas")),
        CommonColumns.Count("Ready", item => item.Integer("status", "readyReplicas")),
        CommonColumns.Age,
        Containers,
        Images,
        Selector,
    ];

    /// <summary>NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE, wide CONTAINERS IMAGES SELECTOR.</summary>
    public static readonly IReadOnlyList<TableColumn> DaemonSets =
    [
        CommonColumns.Name,
        CommonColumns.Count("Desired", item => item.Integer("status", "desiredNumberScheduled")),
        CommonColumns.Count("Current", item => item.Integer("status", "currentNumberScheduled")),
        CommonColumns.Count("Ready", item => item.Integer("status", "numberReady")),
        CommonColumns.Count("Up-to-date", item => item.Integer("status", "updatedNumberScheduled")),
        CommonColumns.Count("Available", item => item.Integer("status", "numberAvailable")),
        CommonColumns.Text("Node Selector", item => CommonColumns.Labels(item.At("spec", "template", "spec", "nodeSelector"))),
        CommonColumns.Age,
        Containers,
        Images,
        Selector,
    ];

    private static string Ready(JsonElement item) => $"{item.Integer("status", "readyReplicas")}/{item.Integer("spec", "replicas")}";
}
