using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http;
using FerroLB.ApiServer.Http.Discovery;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.Discovery;

public sealed class DiscoveryDocumentsTests
{
    private static readonly DiscoveryDocuments Documents = Catalogs.Both.Discovery;

    [Fact]
    public void Core_group_is_not_among_the_named_groups()
    {
        JsonObject groups = Documents.GroupList();
        JsonNode only = Assert.Single(groups["groups"]!.AsArray())!;
        Assert.Equal("example.io", only["name"]!.ToString());
        Assert.Equal("example.io/v1", only["preferredVersion"]!["groupVersion"]!.ToString());
        Assert.Null(Documents.Group("other.io"));
    }

    [Fact]
    public void Resource_list_names_resources_and_subresources()
    {
        JsonArray resources = Documents.ResourceList("", "v1")!["resources"]!.AsArray();
        Assert.Equal(["services", "services/status"], resources.Select(resource => resource!["name"]!.ToString()));
        Assert.Equal("""["svc"]""", resources[0]!["shortNames"]!.ToJsonString());
        Assert.Equal("""["all"]""", resources[0]!["categories"]!.ToJsonString());
        Assert.Equal("""["get","patch","update"]""", resources[1]!["verbs"]!.ToJsonString());
        Assert.Null(Documents.ResourceList("", "v2"));
        Assert.Null(Documents.ResourceList("other.io", "v1"));
    }

    [Fact]
    public void Aggregated_form_holds_every_version_of_every_group()
    {
        JsonObject named = Documents.Aggregated(core: false, "v2");
        Assert.Equal("apidiscovery.k8s.io/v2", named["apiVersion"]!.ToString());
        JsonNode group = Assert.Single(named["items"]!.AsArray())!;
        Assert.Equal(["v1", "v1beta1"], group["versions"]!.AsArray().Select(version => version!["version"]!.ToString()));
        JsonNode pools = group["versions"]![0]!["resources"]![0]!;
        Assert.Equal("Cluster", pools["scope"]!.ToString());
        Assert.Equal("""{"group":"example.io","version":"v1","kind":"Pool"}""", pools["responseKind"]!.ToJsonString());
        JsonNode core = Documents.Aggregated(core: true, "v2beta1")["items"]![0]!;
        Assert.Equal("status", core["versions"]![0]!["resources"]![0]!["subresources"]![0]!["subresource"]!.ToString());
    }

    [Fact]
    public void Versions_are_preferred_as_Kubernetes_prefers_them()
    {
        string[] versions = ["v1alpha1", "foo", "v2", "v11beta2", "v10beta3", "v3beta1", "v10", "v1", "v12alpha1", "v11alpha2", "foo10"];
        ResourceVersionDefinition any = Catalogs.Services.Versions[0];
        ResourceDefinition resource = Catalogs.Services with { Versions = [.. versions.Select(name => any with { Name = name })] };
        Assert.Equal(
            ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "v1alpha1", "foo", "foo10"],
            new ApiGroup("x", [resource]).Versions);
    }
}
