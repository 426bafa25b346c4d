using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http.OpenApi;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.OpenApi;

public sealed class OpenApiDocumentsTests
{
    private static readonly OpenApiDocuments Documents = Catalogs.Both.OpenApi;

    [Fact]
    public void Definitions_are_named_as_Kubernetes_names_them()
    {
        Assert.Equal("io.k8s.api.core.v1.Service", DefinitionName.Of("", "v1", "Service", false));
        Assert.Equal("io.k8s.api.discovery.v1.EndpointSlice", DefinitionName.Of("discovery.k8s.io", "v1", "EndpointSlice", false));
        Assert.Equal("io.metallb.v1beta1.IPAddressPool", DefinitionName.Of("metallb.io", "v1beta1", "IPAddressPool", true));
    }

    [Fact]
    public void Version_2_lists_no_fields_where_unknown_ones_are_kept()
    {
        JsonNode pool = JsonNode.Parse(Documents.V2Json)!["definitions"]!["io.example.v1beta1.Pool"]!;
        JsonNode spec = pool["properties"]!["spec"]!;
        Assert.Null(spec["nullable"]);
        Assert.Null(spec["properties"]!["free"]!["properties"]);
        string size = spec["properties"]!["size"]!.ToJsonString();
        Assert.Equal("""{"x-kubernetes-int-or-string":true,"type":"string","format":"int-or-string"}""", size);
        string kind = pool["x-kubernetes-group-version-kind"]!.ToJsonString();
        Assert.Equal("""[{"group":"example.io","kind":"Pool","version":"v1beta1"}]""", kind);
    }

    [Fact]
    public void Version_3_keeps_the_whole_schema_and_tells_that_fields_are_validated()
    {
        JsonNode document = JsonNode.Parse(Documents.V3("apis/example.io/v1beta1"))!;
        JsonNode pool = document["components"]!["schemas"]!["io.example.v1beta1.Pool"]!;
        Assert.NotNull(pool["properties"]!["spec"]!["properties"]!["free"]!["properties"]!["a"]);
        Assert.Equal("#/components/schemas/" + DefinitionName.ObjectMeta, pool["properties"]!["metadata"]!["$ref"]!.ToString());
        JsonNode patch = document["paths"]!["/apis/example.io/v1beta1/pools/{name}"]!["patch"]!;
        Assert.Contains("\"fieldValidation\"", patch["parameters"]!.ToJsonString());
        Assert.Equal("Pool", patch["x-kubernetes-group-version-kind"]!["kind"]!.ToString());
        Assert.Null(Documents.V3("apis/example.io/v9"));
    }

    [Fact]
    public void Index_has_a_hash_for_each_document()
    {
        JsonObject paths = JsonNode.Parse(Documents.V3Index)!["paths"]!.AsObject();
        Assert.Equal(3, paths.Count);
        Assert.StartsWith("/openapi/v3/api/v1?hash=", paths["api/v1"]!["serverRelativeURL"]!.ToString());
        Assert.NotEqual(
            paths["apis/example.io/v1"]!["serverRelativeURL"]!.ToString().Split('=')[1],
            paths["apis/example.io/v1beta1"]!["serverRelativeURL"]!.ToString().Split('=')[1]);
    }
}
