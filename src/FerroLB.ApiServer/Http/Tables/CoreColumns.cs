using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>The columns of core kinds, of EndpointSlices and of Leases.</summary>
internal static class CoreColumns
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    /// <summary>NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE, wide SELECTOR.</summary>
    public static readonly IReadOnlyList<TableColumn> Services =
    [
        CommonColumns.Name,
        CommonColumns.Text("Type", item => item.Text("spec", "type")),
        CommonColumns.Text("Cluster-IP", ClusterIp),
        CommonColumns.Text("External-IP", ExternalIp),
        CommonColumns.Text("Port(s)", ServicePorts),
        CommonColumns.Age,
        CommonColumns.Wide("Selector", item => CommonColumns.Labels(item.At("spec", "selector"))),
    ];

    /// <summary>NAME STATUS ROLES AGE VERSION, wide addresses and system.</summary>
    public static readonly IReadOnlyList<TableColumn> Nodes =
    [
        CommonColumns.Name,
        CommonColumns.Text("Status", NodeStatus),
        CommonColumns.Text("Roles", NodeRoles),
        CommonColumns.Age,
        CommonColumns.Text("Version", item => item.Text("status", "nodeInfo", "kubeletVersion")),
        CommonColumns.Wide("Internal-IP", item => NodeAddress(item, "InternalIP")),
        CommonColumns.Wide("External-IP", item => NodeAddress(item, "ExternalIP")),
        CommonColumns.Wide("OS-Image", item => NodeInfo(item, "osImage")),
        CommonColumns.Wide("Kernel-Version", item => NodeInfo(item, "kernelVersion")),
        CommonColumns.Wide("Container-Runtime", item => NodeInfo(item, "containerRuntimeVersion")),
    ];

    /// <summary>NAME STATUS AGE.</summary>
    public static readonly IReadOnlyList<TableColumn> Namespaces =
        [CommonColumns.Name, CommonColumns.Text("Status", item => item.Text("status", "phase")), CommonColumns.Age];

    /// <summary>NAME DATA AGE.</summary>
    public static readonly IReadOnlyList<TableColumn> ConfigMaps =
    [
        CommonColumns.Name,
        CommonColumns.Text("Data", item => $"{item.Fields("data").Count() + item.Fields("binaryData").Count()}"),
        CommonColumns.Age,
    ];

    /// <summary>NAME TYPE DATA AGE.</summary>
    public static readonly IReadOnlyList<TableColumn> Secrets =
    [
        CommonColumns.Name,
        CommonColumns.Text("Type", item => item.Text("type")),
        CommonColumns.Text("Data", item => $"{item.Fields("data").Count()}"),
        CommonColumns.Age,
    ];

    /// <summary>NAME SECRETS AGE.</summary>
    public static readonly IReadOnlyList<TableColumn> ServiceAccounts =
        [CommonColumns.Name, CommonColumns.Text("Secrets", item => $"{item.Items("secrets").Count()}"), CommonColumns.Age];

    /// <summary>NAME ENDPOINTS AGE.</summary>
    public static readonly IReadOnlyList<TableColumn> Endpoints =
        [CommonColumns.Name, CommonColumns.Text("Endpoints", EndpointAddresses), CommonColumns.Age];

    /// <summary>NAME ADDRESSTYPE PORTS ENDPOINTS AGE.</summary>
    public static readonly IReadOnlyList<TableColumn> EndpointSlices =
    [
        CommonColumns.Name,
        CommonColumns.Text("AddressType", item => item.Text("addressType")),
        CommonColumns.Text("Ports", item => Shortened(item.Items("ports").Select(SlicePort), "<unset>")),
        CommonColumns.Text("Endpoints", item => Shortened(item.Items("endpoints").Select(endpoint =>
            string.Join(",", endpoint.Items("addresses").Select(address => address.ToString()))), "<unset>")),
        CommonColumns.Age,
    ];

    /// <summary>NAME HOLDER AGE.</summary>
    public static readonly IReadOnlyList<TableColumn> Leases =
        [CommonColumns.Name, CommonColumns.Text("Holder", item => item.Text("spec", "holderIdentity")), CommonColumns.Age];

    /// <summary>NAME WEBHOOKS AGE.</summary>
    public static readonly IReadOnlyList<TableColumn> WebhookConfigurations =
        [CommonColumns.Name, CommonColumns.Count("Webhooks", item => item.Items("webhooks").Count()), CommonColumns.Age];

    private static string ClusterIp(JsonElement item)
    {
        string first = item.Items("spec", "clusterIPs").Select(address => address.ToString()).FirstOrDefault("");
        return (first.Length > 0 ? first : item.Text("spec", "clusterIP")).OrNone();
    }

    private static string ExternalIp(JsonElement item)
    {
        string external = string.Join(",", item.Items("spec", "externalIPs").Select(address => address.ToString()));
        switch (item.Text("spec", "type"))
        {
            case "ExternalName":
                return item.Text("spec", "externalName");
            case "LoadBalancer":
                string assigned = string.Join(",", item.Items("status", "loadBalancer", "ingress").Select(IngressAddress));
                string all = assigned.Length > 0 && external.Length > 0 ? assigned + "," + external : assigned + external;
                return all.Length > 0 ? all : "<pending>";
            default:
                return external.OrNone();
        }
    }

    private static string IngressAddress(JsonElement ingress) =>
        ingress.Text("ip") is { Length: > 0 } address ? address : ingress.Text("hostname");

    private static string ServicePorts(JsonElement item) => string.Join(",", item.Items("spec", "ports").Select(port =>
    {
        string nodePort = port.Integer("nodePort") is > 0 and long number ? ":" + number : "";
        return $"{port.Integer("port")}{nodePort}/{port.Text("protocol")}";
    })).OrNone();

    private static string NodeStatus(JsonElement item)
    {
        string status = CommonColumns.Condition(item, "Ready") switch
        {
            "True" => "Ready",
            "" => "Unknown",
            _ => "NotReady",
        };
        return item.IsTrue("spec", "unschedulable") ? status + ",SchedulingDisabled" : status;
    }

    private static string NodeRoles(JsonElement item)
    {
        IEnumerable<string> roles = item.Fields("metadata", "labels")
            .Select(label => label.Name.StartsWith(RolePrefix, StringComparison.Ordinal) ? label.Name[RolePrefix.Length..]
                : label.Name == "kubernetes.io/role" ? label.Value.ToString() : "")
            .Where(role => role.Length > 0)
            .Order(StringComparer.Ordinal);
        return string.Join(",", roles).OrNone();
    }

    private static string NodeAddress(JsonElement item, string type) => item.Items("status", "addresses")
        .Where(address => address.Text("type") == type)
        .Select(address => address.Text("address"))
        .FirstOrDefault("").OrNone();

    private static string NodeInfo(JsonElement item, string field) =>
        item.Text("status", "nodeInfo", field) is { Length: > 0 } text ? text : "<unknown>";

    private static string EndpointAddresses(JsonElement item) => Shortened(item.Items("subsets").SelectMany(subset =>
        subset.Items("ports").SelectMany(port => subset.Items("addresses").Select(address =>
            $"{address.Text("ip")}:{port.Integer("port")}"))), "<none>");

    private static string SlicePort(JsonElement port) =>
        port.Integer("port") is > 0 and long number ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : "*";

    private static string Shortened(IEnumerable<string> values, string none)
    {
        string[] all = [.. values];
        if (all.Length == 0)
            return none;
        string shown = string.Join(",", all.Take(3));
        return all.Length > 3 ? $"{shown} + {all.Length - 3} more..." : shown;
    }
}
