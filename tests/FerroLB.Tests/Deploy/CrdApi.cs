using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http;
using FerroLB.ApiServer.Store;
using FerroLB.Tests.Admission;
using FerroLB.Tests.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.Deploy;

/// <summary>The embedded API server with the definitions of deploy/crds, and FerroLB's namespace.</summary>
public sealed class CrdApi
{
    public CrdApi()
    {
        Api.Create("v1/namespaces", $$"""{"metadata":{"name":"{{Reviews.Namespace}}"} }""");
        foreach (var file in Directory.GetFiles(Path.Combine(YamlFiles.Root, "deploy/crds"), "*.yaml").Order())
        {
            Assert.True(YamlBody.TryConvert(File.ReadAllBytes(file), out var json, out var error), error);
            Api.Create("apiextensions.k8s.io/v1/customresourcedefinitions", Encoding.UTF8.GetString(json.Span));
        }
    }

    public TestApi Api { get; } = new();

    /// <summary>Creates an object of a kind under a name of its own.</summary>
    public (int Code, JsonObject Body) Create(string kind, string spec)
    {
        var item = Object(kind, spec);
        item["metadata"] = new JsonObject { ["generateName"] = "x-", ["namespace"] = Reviews.Namespace };
        var plural = kind == "Community" ? "communities" : kind.ToLowerInvariant() + "s";
        return Api.Call(ApiVerb.Create, $"{item["apiVersion"]}/ns:{Reviews.Namespace}/{plural}", item.ToJsonString());
    }

    /// <summary>An object named x.</summary>
    public static JsonObject Object(string kind, string spec)
    {
        var item = Reviews.Object(kind, "x", new { }, kind == "BGPPeer" ? "v1beta2" : "v1beta1");
        item["spec"] = JsonNode.Parse(spec);
        return item;
    }
}
