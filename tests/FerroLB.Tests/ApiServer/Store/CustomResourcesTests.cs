using System;
using System.Linq;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

public sealed class CustomResourcesTests
{
    private const string Definitions = "apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Things = "x.io/v1/ns:default/things";
    private readonly TestApi _api = new();

    public CustomResourcesTests() => Define("""
        {"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["names"],"properties":{
            "names":{"type":"array","minItems":1,"maxItems":3,"x-kubernetes-list-type":"set","items":{"type":"string","minLength":2}},
            "count":{"type":"integer","format":"int32","minimum":1,"maximum":9,"default":3},
            "mode":{"type":"string","enum":["fast","slow"]},
            "when":{"type":"string","format":"duration"},
            "code":{"type":"string","pattern":"^[a-z]+$","nullable":true},
            "port":{"x-kubernetes-int-or-string":true},
            "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
            "tags":{"type":"object","additionalProperties":{"type":"string"}},
            "frozen":{"type":"boolean","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"frozen never changes"}]},
            "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["id"],
              "items":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"size":{"type":"integer","default":1}}}}},
           "x-kubernetes-validations":[
            {"rule":"!has(self.mode) || self.mode != 'slow' || self.count <= 5","message":"slow things are small"}]},
          "status":{"type":"object","properties":{"ready":{"type":"boolean"}}}}}
        """);

    [Fact]
    public void Definition_is_established_and_served()
    {
        var definition = _api.Get(Definitions + "/things.x.io");
        Assert.Equal(["NamesAccepted", "Established"], definition["status"]!["conditions"]!.AsArray().Select(c => (string)c!["type"]!));
        Assert.Equal("""["v1"]""", definition["status"]!["storedVersions"]!.ToJsonString());
        Assert.Equal("thing", (string?)definition["status"]!["acceptedNames"]!["singular"]);
        var resource = _api.Store.Resources.Single(r => r.Plural == "things");
        Assert.Equal("ThingList", resource.ListKind);
        Assert.Equal(["status"], resource.Versions[0].Subresources);
        Assert.Equal(".spec.count", Assert.Single(resource.Versions[0].PrinterColumns).JsonPath);
    }

    [Fact]
    public void Defaults_are_filled_in_and_unknown_fields_pruned()
    {
        var thing = _api.Create(Things, """
            {"metadata":{"name":"a"},"spec":{"names":["ab"],"foo":1,"free":{"x":{"y":1}},"parts":[{"id":"p","bar":2}]},
             "status":{"ready":true}}
            """);
        Assert.Equal("""{"names":["ab"],"free":{"x":{"y":1}},"parts":[{"id":"p","size":1}],"count":3}""", thing["spec"]!.ToJsonString());
        Assert.Null(thing["status"]);
        Assert.Equal(1, (int)thing["metadata"]!["generation"]!);
        Assert.Equal(["unknown field \"spec.foo\"", "unknown field \"spec.parts[0].bar\""], _api.Warnings);
        Assert.Equal(
            "Thing in version \"v1\" cannot be handled as a Thing: strict decoding error: unknown field \"spec.foo\"",
            _api.Refused(400, ApiVerb.Create, Things,
                """{"metadata":{"name":"b"},"spec":{"names":["ab"],"foo":1}}""", "fieldValidation=Strict"));
    }

    [Theory]
    [InlineData("{}", "spec.names: Required value")]
    [InlineData("""{"names":"x"}""", "spec.names: Invalid value: \"string\": spec.names in body must be of type array: \"string\"")]
    [InlineData("""{"names":["ab"],"count":"x"}""",
        "spec.count: Invalid value: \"string\": spec.count in body must be of type integer: \"string\"")]
    [InlineData("""{"names":["ab"],"count":0}""", "spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1")]
    [InlineData("""{"names":["ab"],"count":10}""", "spec.count: Invalid value: 10: spec.count in body should be less than or equal to 9")]
    [InlineData("""{"names":["ab"],"mode":"x"}""", "spec.mode: Unsupported value: \"x\": supported values: \"fast\", \"slow\"")]
    [InlineData("""{"names":["a"]}""", "spec.names[0]: Invalid value: \"a\": spec.names[0] in body should be at least 2 chars long")]
    [InlineData("""{"names":[]}""", "spec.names: Invalid value: 0: spec.names in body should have at least 1 items")]
    [InlineData("""{"names":["ab","bc","cd","de"]}""", "spec.names: Too many: 4: must have at most 3 items")]
    [InlineData("""{"names":["ab","ab"]}""", "spec.names[1]: Duplicate value: \"ab\"")]
    [InlineData("""{"names":["ab"],"when":"soon"}""",
        "spec.when: Invalid value: \"soon\": spec.when in body must be of type duration: \"soon\"")]
    [InlineData("""{"names":["ab"],"code":"A\n"}""", "spec.code: Invalid value: \"A\\n\": spec.code in body should match '^[a-z]+$'")]
    [InlineData("""{"names":["ab"],"port":true}""",
        "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"names":["ab"],"tags":{"a":1}}""",
        "spec.tags.a: Invalid value: \"integer\": spec.tags.a in body must be of type string: \"integer\"")]
    [InlineData("""{"names":["ab"],"parts":[{"id":"p"},{"id":"p"}]}""", "spec.parts[1]: Duplicate value: {\"id\":\"p\"}")]
    [InlineData("""{"names":["ab"],"mode":"slow","count":6}""", "spec: Invalid value: \"object\": slow things are small")]
    public void Wrong_value_is_refused_in_the_words_of_Kubernetes(string spec, string message) =>
        Assert.Equal(
            "Thing.x.io \"a\" is invalid: " + message,
            _api.Refused(422, ApiVerb.Create, Things, $$$"""{"metadata":{"name":"a"},"spec":{{{spec}}}}"""));

    [Theory]
    [InlineData("""{"names":["ab"],"code":null,"port":"http","when":"1h30m"}""")]
    [InlineData("""{"names":["ab"],"port":80,"when":"300ms","code":"abc"}""")]
    public void Right_value_is_accepted(string spec) => _api.Create(Things, $$$"""{"metadata":{"name":"a"},"spec":{{{spec}}}}""");

    [Fact]
    public void Transition_rule_compares_with_the_value_before()
    {
        _api.Create(Things, """{"metadata":{"name":"a"},"spec":{"names":["ab"]}}""");
        _api.Merge(Things + "/a", """{"spec":{"frozen":true}}""");
        Assert.Equal(
            "Thing.x.io \"a\" is invalid: spec.frozen: Invalid value: \"boolean\": frozen never changes",
            _api.Refused(422, ApiVerb.Patch, Things + "/a", """{"spec":{"frozen":false}}""", "", "application/merge-patch+json"));
    }

    [Fact]
    public void Status_is_a_part_of_its_own()
    {
        _api.Create(Things, """{"metadata":{"name":"a"},"spec":{"names":["ab"]}}""");
        var thing = _api.Merge(Things + "/a/status", """{"spec":{"count":5},"status":{"ready":true}}""");
        Assert.Equal(3, (int)thing["spec"]!["count"]!);
        Assert.True((bool)thing["status"]!["ready"]!);
        Assert.Equal(1, (int)thing["metadata"]!["generation"]!);
        Assert.Equal(2, (int)_api.Merge(Things + "/a", """{"spec":{"count":5},"status":{"ready":false}}""")["metadata"]!["generation"]!);
        Assert.True((bool)_api.Get(Things + "/a")["status"]!["ready"]!);
    }

    [Fact]
    public void Put_without_version_is_refused()
    {
        const string Body = """{"metadata":{"name":"a"},"spec":{"names":["ab"]}}""";
        _api.Create(Things, Body);
        Assert.Equal(
            "Thing.x.io \"a\" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update",
            _api.Refused(422, ApiVerb.Update, Things + "/a", Body));
    }

    [Fact]
    public void Strategic_merge_patch_is_not_for_custom_resources()
    {
        _api.Create(Things, """{"metadata":{"name":"a"},"spec":{"names":["ab"]}}""");
        Assert.Equal(
            "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, " +
            "application/merge-patch+json, application/apply-patch+yaml",
            _api.Refused(415, ApiVerb.Patch, Things + "/a", "{}", "", "application/strategic-merge-patch+json"));
    }

    [Fact]
    public void Map_lists_are_applied_item_by_item()
    {
        string Body(string parts) => $$$"""{"apiVersion":"x.io/v1","kind":"Thing","spec":{"names":["ab"],"parts":[{{{parts}}}]}}""";
        _api.Apply(Things + "/a", "me", Body("""{"id":"p","size":2},{"id":"q"}"""));
        _api.Apply(Things + "/a", "you", """{"apiVersion":"x.io/v1","kind":"Thing","spec":{"parts":[{"id":"r"}]}}""");
        var thing = _api.Apply(Things + "/a", "me", Body("""{"id":"q"}"""));
        Assert.Equal(["q", "r"], thing["spec"]!["parts"]!.AsArray().Select(part => (string)part!["id"]!));
    }

    [Fact]
    public void Object_is_shown_in_every_served_version()
    {
        Define("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""", """
            ,{"name":"v1beta1","served":true,"storage":false,"deprecated":true,
              "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"integer"}}}}}}}
            """, "others");
        _api.Create("x.io/v1/ns:default/others", """{"metadata":{"name":"a"},"spec":{"a":1,"b":2}}""");
        var old = _api.Get("x.io/v1beta1/ns:default/others/a");
        Assert.Equal("x.io/v1beta1", (string?)old["apiVersion"]);
        Assert.Equal("""{"a":1}""", old["spec"]!.ToJsonString());
        Assert.Equal(["x.io/v1beta1 Other is deprecated"], _api.Warnings);
        Assert.Equal(["v1", "v1beta1"], _api.Store.Resources.Single(r => r.Plural == "others").Versions.Select(v => v.Name));
    }

    [Fact]
    public void Deleting_the_definition_deletes_the_objects()
    {
        _api.Create(Things, """{"metadata":{"name":"a"},"spec":{"names":["ab"]}}""");
        var watch = _api.Watch(Things);
        _api.Delete(Definitions + "/things.x.io");
        Assert.Equal(["ADDED a", "DELETED a"], _api.Drain(watch));
        Assert.True(watch.Closed);
        Assert.Equal("the server could not find the requested resource", _api.Refused(404, ApiVerb.List, Things));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"spec":{"properties":{}}}}""",
        "properties[spec].type: Required value: must not be empty for specified object fields")]
    [InlineData("""{"type":"object","properties":{"spec":{"type":"string","pattern":"("}}}""",
        "must be a valid regular expression, but isn't")]
    [InlineData("""{"type":"object","properties":{"spec":{"type":"array"}}}""",
        "properties[spec].items: Required value: must be specified")]
    [InlineData("""{"type":"object","x-kubernetes-validations":[{"rule":"self.x ==="}]}""",
        "x-kubernetes-validations[0].rule: Invalid value: \"self.x ===\": compilation failed: ERROR: <input>: Syntax error")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"strange"}}}""",
        "Unsupported value: \"strange\": supported values: \"array\"")]
    public void Unusable_schema_is_refused(string schema, string part)
    {
        var message = _api.Refused(422, ApiVerb.Create, Definitions, Definition(schema, "", "news"));
        Assert.StartsWith(
            "CustomResourceDefinition.apiextensions.k8s.io \"news.x.io\" is invalid: spec.versions[0].schema.openAPIV3Schema",
            message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    private void Define(string schema, string moreVersions = "", string plural = "things") =>
        _api.Create(Definitions, Definition(schema, moreVersions, plural));

    private static string Definition(string schema, string moreVersions, string plural) => $$$"""
        {"metadata":{"name":"{{{plural}}}.x.io"},"spec":{"group":"x.io","scope":"Namespaced",
         "names":{"plural":"{{{plural}}}","kind":"{{{char.ToUpperInvariant(plural[0]) + plural[1..^1]}}}"},
         "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{{{schema}}}},
          "additionalPrinterColumns":[{"name":"Count","type":"integer","jsonPath":".spec.count"}]}{{{moreVersions}}}]}}
        """;
}
