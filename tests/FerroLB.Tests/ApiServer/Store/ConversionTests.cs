using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>
/// Conversion webhooks of CustomResourceDefinitions, as Kubernetes' documentation of their versions describes them. The two versions here
/// call the same number `size` (v1) and `length` (v2, stored).
/// </summary>
public sealed class ConversionTests
{
    private const string Definitions = "apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string V1 = "example.io/v1/ns:default/things";
    private const string V2 = "example.io/v2/ns:default/things";
    private readonly TestApi _api = new();

    public ConversionTests()
    {
        _api.Webhook = (_, review) => Convert(review);
        _api.Create(Definitions, Definition("v1"));
    }

    [Fact]
    public void Object_of_the_stored_version_asks_nobody()
    {
        _api.Create(V2, Thing("v2", "a", "length", 3));
        Assert.Equal(3, (int)_api.Get(V2 + "/a")["spec"]!["length"]!);
        Assert.Empty(_api.Asked);
    }

    [Fact]
    public void Other_version_is_read_and_written_through_the_webhook()
    {
        var created = _api.Create(V1, Thing("v1", "a", "size", 3));
        Assert.Equal(("example.io/v1", 3), ((string)created["apiVersion"]!, (int)created["spec"]!["size"]!));
        Assert.Equal(3, (int)_api.Get(V2 + "/a")["spec"]!["length"]!);
        Assert.Equal(created.ToJsonString(), _api.Get(V1 + "/a").ToJsonString());
        _api.Merge(V1 + "/a", """{"spec":{"size":4}}""");
        Assert.Equal(4, (int)_api.Get(V2 + "/a")["spec"]!["length"]!);
        _api.Merge(V2 + "/a", """{"spec":{"length":5}}""");
        Assert.Equal(5, (int)_api.Get(V1 + "/a")["spec"]!["size"]!);
        var changed = _api.Get(V1 + "/a");
        changed["spec"]!["size"] = 6;
        _api.Update(V1 + "/a", changed);
        Assert.Equal(6, (int)_api.Get(V2 + "/a")["spec"]!["length"]!);
        _api.Apply(V1 + "/a", "me", """{"apiVersion":"example.io/v1","kind":"Thing","spec":{"size":7}}""", force: true);
        Assert.Equal(7, (int)_api.Get(V2 + "/a")["spec"]!["length"]!);
    }

    [Fact]
    public void List_is_converted_with_one_call()
    {
        foreach (var name in (string[])["a", "b", "c"])
            _api.Create(V2, Thing("v2", name, "length", 3));
        var items = _api.List(V1)["items"]!.AsArray();
        Assert.Equal([3, 3, 3], items.Select(item => (int)item!["spec"]!["size"]!));
        var review = Assert.Single(_api.Asked).Review;
        Assert.Equal(("apiextensions.k8s.io/v1", "example.io/v1", 3), ((string)review["apiVersion"]!,
            (string)review["request"]!["desiredAPIVersion"]!, review["request"]!["objects"]!.AsArray().Count));
    }

    [Fact]
    public void Watch_shows_each_version_in_its_own_form()
    {
        _api.Create(V2, Thing("v2", "a", "length", 3));
        _api.Create(V2, Thing("v2", "b", "length", 3));
        var watch = _api.Watch(V1);
        Assert.Equal(["ADDED a", "ADDED b"], _api.Drain(watch));
        Assert.Single(_api.Asked);
        _api.Merge(V2 + "/a", """{"spec":{"length":9}}""");
        _api.Delete(V2 + "/b");
        Assert.Equal(["MODIFIED a", "DELETED b"], _api.Drain(watch));
        Assert.True(watch.TryTake(out _, _api.Now) || !watch.Closed);
    }

    [Fact]
    public void Watch_ends_with_an_error_when_the_webhook_fails()
    {
        _api.Create(V2, Thing("v2", "a", "length", 3));
        _api.Webhook = (_, _) => "Post \"https://x\": context deadline exceeded";
        var watch = _api.Watch(V1);
        Assert.Equal(["ERROR"], _api.Drain(watch));
        Assert.True(watch.Closed);
    }

    [Fact]
    public void Failing_webhook_makes_the_other_version_unreadable_and_leaves_the_stored_one_alone()
    {
        _api.Create(V2, Thing("v2", "a", "length", 3));
        _api.Webhook = (_, _) => "Post \"https://x\": dial tcp 10.0.0.1:443: connect: connection refused";
        Assert.Equal("conversion webhook for example.io/v2, Kind=Thing failed: Post \"https://x\": dial tcp 10.0.0.1:443: connect: " +
            "connection refused", _api.Refused(500, ApiVerb.Get, V1 + "/a"));
        Assert.Equal("conversion webhook for example.io/v1, Kind=Thing failed: Post \"https://x\": dial tcp 10.0.0.1:443: connect: " +
            "connection refused", _api.Refused(500, ApiVerb.Create, V1, Thing("v1", "b", "size", 1)));
        _api.Merge(V2 + "/a", """{"spec":{"length":4}}""");
        Assert.Single(_api.List(V2)["items"]!.AsArray());
    }

    [Theory]
    [InlineData("metadata", "name", "other", "must have the same name: a != other")]
    [InlineData("metadata", "namespace", "other", "must have the same namespace: default != other")]
    [InlineData("metadata", "uid", "other", "must have the same UID: ")]
    [InlineData("", "apiVersion", "example.io/v3", "invalid groupVersion (expected example.io/v1, received example.io/v3)")]
    [InlineData("", "kind", "Thong", "invalid kind (expected Thing, received Thong)")]
    public void Webhook_may_not_change_an_objects_identity(string parent, string field, string value, string complaint)
    {
        _api.Create(V2, Thing("v2", "a", "length", 3));
        _api.Webhook = (_, review) =>
        {
            var answer = Convert(review);
            var converted = answer["response"]!["convertedObjects"]![0]!;
            (parent.Length == 0 ? converted : converted[parent]!)[field] = value;
            return answer;
        };
        var message = _api.Refused(500, ApiVerb.Get, V1 + "/a");
        Assert.StartsWith("conversion webhook for example.io/v2, Kind=Thing returned invalid converted object at index 0: " + complaint,
            message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Of_metadata_only_labels_and_annotations_are_taken_from_the_webhook()
    {
        var stored = _api.Create(V2, Thing("v2", "a", "length", 3));
        _api.Webhook = (_, review) =>
        {
            var answer = Convert(review);
            var metadata = answer["response"]!["convertedObjects"]![0]!["metadata"]!;
            metadata["annotations"] = new JsonObject { ["kept"] = "yes" };
            metadata["resourceVersion"] = "77";
            metadata["finalizers"] = new JsonArray("example.io/no");
            return answer;
        };
        var shown = _api.Get(V1 + "/a")["metadata"]!;
        Assert.Equal("yes", (string?)shown["annotations"]!["kept"]);
        Assert.Null(shown["finalizers"]);
        Assert.Equal((string?)stored["metadata"]!["resourceVersion"], (string?)shown["resourceVersion"]);
    }

    [Fact]
    public void Webhook_that_answers_with_too_few_objects_or_a_failure_is_told_so()
    {
        _api.Create(V2, Thing("v2", "a", "length", 3));
        _api.Webhook = (_, review) =>
        {
            var answer = Convert(review);
            answer["response"]!["convertedObjects"] = new JsonArray();
            return answer;
        };
        Assert.Equal("conversion webhook for example.io/v2, Kind=Thing returned 0 objects, expected 1", _api.Refused(500, ApiVerb.Get, V1 +
            "/a"));
        _api.Webhook = (_, review) =>
        {
            var answer = Convert(review);
            answer["response"]!["result"] = new JsonObject { ["status"] = "Failed", ["message"] = "too heavy" };
            return answer;
        };
        Assert.Equal("conversion webhook for example.io/v2, Kind=Thing failed: too heavy", _api.Refused(500, ApiVerb.Get, V1 + "/a"));
    }

    [Fact]
    public void Review_version_is_the_first_listed_that_is_known()
    {
        var definition = _api.Get(Definitions + "/things.example.io");
        definition["spec"]!["conversion"]!["webhook"]!["conversionReviewVersions"] = new JsonArray("v7", "v1beta1", "v1");
        _api.Update(Definitions + "/things.example.io", definition);
        _api.Create(V2, Thing("v2", "a", "length", 3));
        _api.Get(V1 + "/a");
        Assert.Equal("apiextensions.k8s.io/v1beta1", (string?)Assert.Single(_api.Asked).Review["apiVersion"]);
    }

    [Fact]
    public void Watch_ends_when_the_definition_changes_so_that_clients_see_the_new_one()
    {
        var watch = _api.Watch(V2);
        _api.Merge(Definitions + "/things.example.io", """{"metadata":{"labels":{"a":"b"}}}""");
        _api.Drain(watch);
        Assert.False(watch.Closed);
        _api.Merge(Definitions + "/things.example.io", """{"spec":{"names":{"shortNames":["th"]}}}""");
        _api.Drain(watch);
        Assert.True(watch.Closed);
    }

    [Fact]
    public void Admission_webhook_sees_the_version_that_it_registered_for()
    {
        _api.Create("admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            """
            {"metadata":{"name":"test"},"webhooks":[{"name":"check.example.io","sideEffects":"None","admissionReviewVersions":["v1"],
             "clientConfig":{"url":"https://127.0.0.1/"},
             "rules":[{"operations":["*"],"apiGroups":["example.io"],"apiVersions":["v2"],"resources":["things"]}]}]}
            """);
        _api.Webhook = (_, review) => (string?)review["kind"] == "ConversionReview" ? Convert(review) : Allow(review);
        _api.Create(V1, Thing("v1", "a", "size", 3));
        var request = _api.Asked.Single(asked => asked.Name == "check.example.io").Review["request"]!;
        Assert.Equal(("example.io/v2", 3), ((string)request["object"]!["apiVersion"]!, (int)request["object"]!["spec"]!["length"]!));
        Assert.Equal(("v2", "v1"), ((string)request["resource"]!["version"]!, (string)request["requestResource"]!["version"]!));
    }

    [Fact]
    public void Exact_match_policy_passes_other_versions_over()
    {
        _api.Create("admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            """
            {"metadata":{"name":"test"},"webhooks":[{"name":"check.example.io","sideEffects":"None","admissionReviewVersions":["v1"],
             "clientConfig":{"url":"https://127.0.0.1/"},"matchPolicy":"Exact",
             "rules":[{"operations":["*"],"apiGroups":["example.io"],"apiVersions":["v2"],"resources":["things"]}]}]}
            """);
        _api.Create(V1, Thing("v1", "a", "size", 3));
        Assert.DoesNotContain(_api.Asked, asked => asked.Name == "check.example.io");
    }

    [Fact]
    public void Conversion_settings_are_validated()
    {
        var definition = JsonNode.Parse(Definition("v1"))!;
        definition["spec"]!["conversion"]!.AsObject().Remove("webhook");
        Assert.EndsWith("spec.conversion.webhook.clientConfig: Required value: required when strategy is set to Webhook",
            _api.Refused(422, ApiVerb.Create, Definitions, definition.ToJsonString()), StringComparison.Ordinal);
        definition["spec"]!["conversion"]!["strategy"] = "Magic";
        Assert.EndsWith("spec.conversion.strategy: Unsupported value: \"Magic\": supported values: \"None\", \"Webhook\"",
            _api.Refused(422, ApiVerb.Create, Definitions, definition.ToJsonString()), StringComparison.Ordinal);
    }

    private static JsonObject Convert(JsonNode review)
    {
        var desired = (string)review["request"]!["desiredAPIVersion"]!;
        var (from, to) = desired == "example.io/v1" ? ("length", "size") : ("size", "length");
        var converted = new JsonArray();
        foreach (var source in review["request"]!["objects"]!.AsArray())
        {
            var copy = source!.DeepClone().AsObject();
            copy["apiVersion"] = desired;
            copy["spec"] = new JsonObject { [to] = copy["spec"]![from]!.DeepClone() };
            converted.Add((JsonNode)copy);
        }
        return new JsonObject
        {
            ["apiVersion"] = (string)review["apiVersion"]!,
            ["kind"] = "ConversionReview",
            ["response"] = new JsonObject
            {
                ["uid"] = (string)review["request"]!["uid"]!, ["convertedObjects"] = converted,
                ["result"] = new JsonObject { ["status"] = "Success" },
            },
        };
    }

    private static JsonObject Allow(JsonNode review) => new()
    {
        ["apiVersion"] = (string)review["apiVersion"]!,
        ["kind"] = "AdmissionReview",
        ["response"] = new JsonObject { ["uid"] = (string)review["request"]!["uid"]!, ["allowed"] = true },
    };

    private static string Thing(string version, string name, string field, int value) =>
        $$$"""
        {"apiVersion":"example.io/{{{version}}}","kind":"Thing","metadata":{"name":"{{{name}}}"},"spec":{"{{{field}}}":{{{value}}}}}
        """;

    private static string Definition(string reviewVersion) =>
        """
        {"metadata":{"name":"things.example.io"},"spec":{"group":"example.io","scope":"Namespaced",
         "names":{"plural":"things","kind":"Thing"},
         "conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["REVIEW"],
          "clientConfig":{"service":{"namespace":"system","name":"hook","path":"/convert"}}}},
         "versions":[
          {"name":"v1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
           "properties":{"size":{"type":"integer"}}}}}}},
          {"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
           "properties":{"length":{"type":"integer"}}}}}}}]}}
        """.Replace("REVIEW", reviewVersion, StringComparison.Ordinal);
}
