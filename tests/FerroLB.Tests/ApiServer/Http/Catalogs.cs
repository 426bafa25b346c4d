using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http;
using FerroLB.ApiServer.Store;

namespace FerroLB.Tests.ApiServer.Http;

/// <summary>A small catalogue: one core kind and one custom kind of two versions.</summary>
internal static class Catalogs
{
    public static readonly ResourceDefinition Services = new()
    {
        Group = "",
        Plural = "services",
        Singular = "service",
        Kind = "Service",
        ListKind = "ServiceList",
        ShortNames = ["svc"],
        Categories = ["all"],
        Namespaced = true,
        Versions = [new ResourceVersionDefinition { Name = "v1", Verbs = ["create", "get", "list", "patch"], Subresources = ["status"] }],
    };

    public static readonly ResourceDefinition Pools = new()
    {
        Group = "example.io",
        Plural = "pools",
        Singular = "pool",
        Kind = "Pool",
        ListKind = "PoolList",
        Namespaced = false,
        IsCustom = true,
        Versions =
        [
            new ResourceVersionDefinition
            {
                Name = "v1beta1",
                Verbs = ["get", "patch"],
                Schema = (JsonObject)JsonNode.Parse("""
                    {"type":"object","properties":{"spec":{"type":"object","nullable":true,"properties":{
                      "size":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},
                      "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{"type":"string"}}}}}}}
                    """)!,
                PrinterColumns = [new PrinterColumn("Size", "string", "", "How large", 0, ".spec.size")],
            },
            new ResourceVersionDefinition { Name = "v1", Verbs = ["get"] },
        ],
    };

    public static ResourceCatalog Both => new(1, [Services, Pools]);
}
