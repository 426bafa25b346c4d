using System.Collections.Generic;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>The columns of built-in kinds, as Kubernetes prints them.</summary>
internal static class BuiltInColumns
{
    private static readonly IReadOnlyList<TableColumn> Fallback = [CommonColumns.Name, CommonColumns.Age];

    /// <summary>The columns of a kind; name and age when it has none of its own.</summary>
    public static IReadOnlyList<TableColumn> Of(string group, string plural) => (group, plural) switch
    {
        ("", "services") => CoreColumns.Services,
        ("", "nodes") => CoreColumns.Nodes,
        ("", "pods") => PodColumns.Pods,
        ("", "namespaces") => CoreColumns.Namespaces,
        ("", "configmaps") => CoreColumns.ConfigMaps,
        ("", "secrets") => CoreColumns.Secrets,
        ("", "serviceaccounts") => CoreColumns.ServiceAccounts,
        ("", "endpoints") => CoreColumns.Endpoints,
        ("", "events") => EventColumns.Core,
        ("events.k8s.io", "events") => EventColumns.Events,
        ("discovery.k8s.io", "endpointslices") => CoreColumns.EndpointSlices,
        ("coordination.k8s.io", "leases") => CoreColumns.Leases,
        ("apps", "deployments") => WorkloadColumns.Deployments,
        ("apps", "daemonsets") => WorkloadColumns.DaemonSets,
        ("apps", "replicasets") => WorkloadColumns.ReplicaSets,
        ("apps", "statefulsets") => WorkloadColumns.StatefulSets,
        ("apiextensions.k8s.io", "customresourcedefinitions") => [CommonColumns.Name, CommonColumns.CreatedAt],
        ("rbac.authorization.k8s.io", "roles" or "clusterroles") => [CommonColumns.Name, CommonColumns.CreatedAt],
        ("admissionregistration.k8s.io", _) => CoreColumns.WebhookConfigurations,
        _ => Fallback,
    };
}
