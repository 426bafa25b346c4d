using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

public sealed class PatchesTests
{
    private const string Path = "v1/ns:default/services";
    private readonly TestApi _api = new();

    // The examples of RFC 7386, appendix A, that leave an object of text values.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    public void Merge_patch_follows_RFC_7386(string before, string patch, string after)
    {
        _api.Create("v1/ns:default/configmaps", $$$"""{"metadata":{"name":"a"},"data":{{{before}}}}""");
        Assert.Equal(after, _api.Merge("v1/ns:default/configmaps/a", $$$"""{"data":{{{patch}}}}""")["data"]!.ToJsonString());
    }

    // The examples of RFC 6902, appendix A, over the texts of a ConfigMap and the items of a list.
    [Theory]
    [InlineData("""[{"op":"add","path":"/data/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""[{"op":"remove","path":"/data/foo"},{"op":"add","path":"/data/x","value":"1"}]""", """{"x":"1"}""")]
    [InlineData("""[{"op":"replace","path":"/data/foo","value":"boo"}]""", """{"foo":"boo"}""")]
    [InlineData("""[{"op":"move","from":"/data/foo","path":"/data/thud"}]""", """{"thud":"bar"}""")]
    [InlineData("""[{"op":"copy","from":"/data/foo","path":"/data/thud"}]""", """{"foo":"bar","thud":"bar"}""")]
    [InlineData("""[{"op":"test","path":"/data/foo","value":"bar"},{"op":"add","path":"/data/b","value":"1"}]""",
        """{"foo":"bar","b":"1"}""")]
    public void Json_patch_follows_RFC_6902(string patch, string after)
    {
        _api.Create("v1/ns:default/configmaps", """{"metadata":{"name":"a"},"data":{"foo":"bar"}}""");
        Assert.Equal(after, _api.JsonPatch("v1/ns:default/configmaps/a", patch)["data"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"remove","path":"/data/nope"}]""")]
    [InlineData("""[{"op":"replace","path":"/data/nope","value":"x"}]""")]
    [InlineData("""[{"op":"test","path":"/data/foo","value":"other"}]""")]
    [InlineData("""[{"op":"add","path":"/data/a/b/c","value":"x"}]""")]
    [InlineData("""[{"op":"move","from":"/data","path":"/data/inside"}]""")]
    public void Json_patch_that_does_not_apply_changes_nothing(string patch)
    {
        var before = _api.Create("v1/ns:default/configmaps", """{"metadata":{"name":"a"},"data":{"foo":"bar"}}""");
        _api.Refused(422, ApiVerb.Patch, "v1/ns:default/configmaps/a", patch, "", "application/json-patch+json");
        Assert.Equal(before.ToJsonString(), _api.Get("v1/ns:default/configmaps/a").ToJsonString());
    }

    [Fact]
    public void Json_patch_that_grows_without_end_is_refused()
    {
        var copies = string.Join(',', Enumerable.Range(0, 60).Select(i =>
            $$"""{"op":"copy","from":"/data","path":"/data/c{{i}}"}"""));
        _api.Create("v1/ns:default/configmaps", """{"metadata":{"name":"a"},"data":{"foo":"bar"}}""");
        Assert.Contains("copy too much",
            _api.Refused(422, ApiVerb.Patch, "v1/ns:default/configmaps/a", $"[{copies}]", "", "application/json-patch+json"),
            System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(50, 201)]
    [InlineData(60, 400)]
    [InlineData(5000, 400)]
    public void Deep_object_is_refused_before_it_cannot_be_read_again(int depth, int code)
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
        _api.Create("apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"things.x.io"},"spec":{"group":"x.io","scope":"Cluster","names":{"plural":"things","kind":"Thing"},
             "versions":[{"name":"v1","served":true,"storage":true,
              "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
            """);
        Assert.Equal(code, _api.Call(ApiVerb.Create, "x.io/v1/things", $$$"""{"metadata":{"name":"a"},"spec":{{{deep}}}}""").Code);
        var again = new ApiStore(1);
        foreach (var record in _api.TakeRecords())
            again.Replay(record);
        Assert.Equal(_api.Store.ResourceVersion, again.ResourceVersion);
    }

    [Fact]
    public void Pointer_escapes_reach_annotation_keys()
    {
        _api.Create("v1/ns:default/configmaps", """{"metadata":{"name":"a","annotations":{"x.io/y":"1"}}}""");
        var patched = _api.JsonPatch("v1/ns:default/configmaps/a",
            """[{"op":"replace","path":"/metadata/annotations/x.io~1y","value":"2"}]""");
        Assert.Equal("2", (string?)patched["metadata"]!["annotations"]!["x.io/y"]);
    }

    [Fact]
    public void Strategic_merge_patch_merges_ports_by_number_and_protocol()
    {
        _api.Create(Path, """
            {"metadata":{"name":"a"},"spec":{"ports":[{"name":"dns","port":53,"protocol":"UDP"},
             {"name":"dns-tcp","port":53,"protocol":"TCP"},{"name":"http","port":80}]}}
            """);
        var ports = _api.Strategic(Path + "/a", """
            {"spec":{"$setElementOrder/ports":[{"port":80},{"port":8080}],"ports":[{"port":53,"protocol":"TCP","targetPort":5353},
             {"name":"alt","port":8080}]}}
            """)["spec"]!["ports"]!;
        Assert.Equal("dns/53 dns-tcp/5353 http/80 alt/8080", Show(ports));
        ports = _api.Strategic(Path + "/a", """{"spec":{"ports":[{"port":80,"$patch":"delete"}]}}""")["spec"]!["ports"]!;
        Assert.Equal("dns/53 dns-tcp/5353 alt/8080", Show(ports));
        ports = _api.Strategic(Path + "/a", """{"spec":{"ports":[{"$patch":"replace"},{"name":"only","port":1}]}}""")["spec"]!["ports"]!;
        Assert.Equal("only/1", Show(ports));
    }

    [Fact]
    public void Strategic_merge_patch_understands_its_directives()
    {
        _api.Create("v1/ns:default/configmaps", """
            {"metadata":{"name":"a","finalizers":["a.io/a","b.io/b"],"labels":{"x":"1","y":"2"}},"data":{"k":"v"}}
            """);
        var patched = _api.Strategic("v1/ns:default/configmaps/a", """
            {"metadata":{"$deleteFromPrimitiveList/finalizers":["a.io/a"],"finalizers":["c.io/c"],"labels":{"$patch":"replace","z":"3"}},
             "data":{"$retainKeys":["n"],"n":"w"}}
            """);
        Assert.Equal("""["b.io/b","c.io/c"]""", patched["metadata"]!["finalizers"]!.ToJsonString());
        Assert.Equal("""{"z":"3"}""", patched["metadata"]!["labels"]!.ToJsonString());
        Assert.Equal("""{"n":"w"}""", patched["data"]!.ToJsonString());
    }

    [Fact]
    public void Strategic_merge_patch_merges_containers_by_name()
    {
        const string Deployments = "apps/v1/ns:default/deployments";
        _api.Create(Deployments, """
            {"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
             "spec":{"containers":[{"name":"c","image":"i:1","env":[{"name":"X","value":"1"}]},{"name":"d","image":"j"}]}}}}
            """);
        var containers = _api.Strategic(Deployments + "/a", """
            {"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:2","env":[{"name":"Y","value":"2"}]}]}}}}
            """)["spec"]!["template"]!["spec"]!["containers"]!;
        Assert.Equal("i:2", (string?)containers[0]!["image"]);
        Assert.Equal("""[{"name":"X","value":"1"},{"name":"Y","value":"2"}]""", containers[0]!["env"]!.ToJsonString());
        Assert.Equal("d", (string?)containers[1]!["name"]);
    }

    [Fact]
    public void Patch_of_unknown_type_is_refused() => Assert.Contains(
        "the body of the request was in an unknown format",
        _api.Refused(415, ApiVerb.Patch, Path + "/kubernetes", "{}", "", "application/json"), System.StringComparison.Ordinal);

    private static string Show(JsonNode ports)
    {
        var text = "";
        foreach (var port in ports.AsArray())
            text += $" {port!["name"]}/{port["targetPort"]}";
        return text.Trim();
    }
}
