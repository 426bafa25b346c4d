using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>Validating webhooks, as Kubernetes' documentation of dynamic admission control describes them.</summary>
public sealed class AdmissionTests
{
    private const string Configurations = "admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    private const string Maps = "v1/ns:default/configmaps";
    private readonly TestApi _api = new();

    [Fact]
    public void Review_carries_what_the_documentation_lists()
    {
        Configure(Webhook("check.example.io", "configmaps", "CREATE", "UPDATE", "DELETE"));
        _api.Webhook = (_, review) => Allow(review);
        _api.Create(Maps, Map("a", "1"), "fieldManager=me");
        var (name, review) = Assert.Single(_api.Asked);
        Assert.Equal(("check.example.io", "AdmissionReview", "admission.k8s.io/v1"), (name, Text(review, "kind"), Text(review,
            "apiVersion")));
        var request = review["request"]!;
        Assert.Equal("""{"group":"","version":"v1","kind":"ConfigMap"}""", request["kind"]!.ToJsonString());
        Assert.Equal("""{"group":"","version":"v1","resource":"configmaps"}""", request["resource"]!.ToJsonString());
        Assert.Equal("""{"group":"","version":"v1","resource":"configmaps"}""", request["requestResource"]!.ToJsonString());
        Assert.Equal(("a", "default", "CREATE", false),
            (Text(request, "name"), Text(request, "namespace"), Text(request, "operation"), (bool)request["dryRun"]!));
        Assert.Equal("""{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1","fieldManager":"me"}""", request["options"]!.ToJsonString());
        Assert.Null(request["oldObject"]);
        Assert.Equal(_api.Get(Maps + "/a")["metadata"]!["uid"]!.ToString(), Text(request["object"]!["metadata"]!, "uid"));

        _api.Merge(Maps + "/a", """{"data":{"x":"2"}}""");
        request = _api.Asked[1].Review["request"]!;
        Assert.Equal(("UPDATE", "1", "2"), (Text(request, "operation"), Text(request["oldObject"]!["data"]!, "x"),
            Text(request["object"]!["data"]!, "x")));
        Assert.Equal("UpdateOptions", Text(request["options"]!, "kind"));

        _api.Delete(Maps + "/a");
        request = _api.Asked[2].Review["request"]!;
        Assert.Equal(("DELETE", "2"), (Text(request, "operation"), Text(request["oldObject"]!["data"]!, "x")));
        Assert.Null(request["object"]);
    }

    [Fact]
    public void Refusal_is_told_in_Kubernetes_words_and_nothing_is_written()
    {
        Configure(Webhook("check.example.io", "configmaps", "CREATE", "DELETE"));
        _api.Webhook = (_, review) => Deny(review, 403, "Forbidden", "not on a Sunday");
        var before = _api.Store.ResourceVersion;
        var (code, status) = _api.Call(ApiVerb.Create, Maps, Map("a", "1"));
        Assert.Equal(403, code);
        Assert.Equal("admission webhook \"check.example.io\" denied the request: not on a Sunday", Text(status, "message"));
        Assert.Equal("Forbidden", Text(status, "reason"));
        Assert.Equal(before, _api.Store.ResourceVersion);
        Assert.Empty(_api.List(Maps)["items"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"code":200,"status":"Success"}""", 400,
        "admission webhook \"check.example.io\" denied the request without explanation")]
    [InlineData("""{"reason":"TooWarm"}""", 400, "admission webhook \"check.example.io\" denied the request: TooWarm")]
    [InlineData("""{"code":422,"message":"no"}""", 422, "admission webhook \"check.example.io\" denied the request: no")]
    public void Refusal_without_code_or_message_is_still_one(string result, int code, string message)
    {
        Configure(Webhook("check.example.io", "configmaps", "CREATE"));
        _api.Webhook = (_, review) => Answer(review, new JsonObject { ["allowed"] = false, ["status"] = JsonNode.Parse(result) });
        Assert.Equal(message, _api.Refused(code, ApiVerb.Create, Maps, Map("a", "1")));
    }

    [Fact]
    public void Webhook_that_cannot_be_asked_fails_or_is_passed_over_as_its_policy_says()
    {
        const string Refused = "Post \"https://x\": dial tcp 127.0.0.1:1: connect: connection refused";
        Configure(Webhook("check.example.io", "configmaps", "CREATE"));
        _api.Webhook = (_, _) => Refused;
        Assert.Equal($"Internal error occurred: failed calling webhook \"check.example.io\": failed to call webhook: {Refused}",
            _api.Refused(500, ApiVerb.Create, Maps, Map("a", "1")));
        var ignoring = Webhook("check.example.io", "configmaps", "CREATE");
        ignoring["failurePolicy"] = "Ignore";
        Configure(ignoring);
        _api.Create(Maps, Map("a", "1"));
    }

    [Fact]
    public void Answer_to_another_review_is_no_answer()
    {
        Configure(Webhook("check.example.io", "configmaps", "CREATE"));
        _api.Webhook = (_, review) =>
        {
            var answer = Allow(review);
            answer["response"]!["uid"] = "other";
            return answer;
        };
        Assert.Matches("received invalid webhook response: expected response.uid=\"[-0-9a-f]{36}\", got \"other\"",
            _api.Refused(500, ApiVerb.Create, Maps, Map("a", "1")));
        _api.Webhook = (_, review) => new JsonObject { ["apiVersion"] = "admission.k8s.io/v2", ["kind"] = "AdmissionReview" };
        Assert.Contains("expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v2",
            _api.Refused(500, ApiVerb.Create, Maps, Map("a", "1")), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_webhooks_are_asked_at_once_and_the_first_refusal_in_order_is_told()
    {
        Configure(Webhook("b.example.io", "configmaps", "CREATE"), Webhook("a.example.io", "configmaps", "CREATE"));
        _api.Webhook = (_, review) => Deny(review, 400, "", "no");
        var request = _api.Call(ApiVerb.Create, Maps, Map("a", "1"));
        Assert.Equal("admission webhook \"b.example.io\" denied the request: no", Text(request.Body, "message"));
        Assert.Equal(["b.example.io", "a.example.io"], _api.Asked.Select(asked => asked.Name));
    }

    [Fact]
    public void Warnings_reach_the_user_with_and_without_a_refusal()
    {
        Configure(Webhook("check.example.io", "configmaps", "CREATE"));
        _api.Webhook = (_, review) => Answer(review, new JsonObject { ["allowed"] = true, ["warnings"] = new JsonArray("mind the gap") });
        _api.Create(Maps, Map("a", "1"));
        Assert.Equal(["mind the gap"], _api.Warnings);
        _api.Webhook = (_, review) => Answer(review, new JsonObject { ["allowed"] = false, ["warnings"] = new JsonArray("gap") });
        _api.Refused(400, ApiVerb.Create, Maps, Map("b", "1"));
        Assert.Equal(["gap"], _api.Warnings);
    }

    [Fact]
    public void Dry_run_asks_and_writes_nothing()
    {
        Configure(Webhook("check.example.io", "configmaps", "CREATE"));
        _api.Webhook = (_, review) => Allow(review);
        var before = _api.Store.ResourceVersion;
        _api.Create(Maps, Map("a", "1"), "dryRun=All");
        Assert.True((bool)Assert.Single(_api.Asked).Review["request"]!["dryRun"]!);
        Assert.Equal(before, _api.Store.ResourceVersion);
    }

    [Theory]
    [InlineData("*", "*", "configmaps", "*", true)]
    [InlineData("", "v1", "*", "Namespaced", true)]
    [InlineData("", "v1", "*/*", "*", true)]
    [InlineData("", "v1", "configmaps/*", "*", true)]
    [InlineData("", "v1", "configmaps/status", "*", false)]
    [InlineData("", "v1", "*/status", "*", false)]
    [InlineData("", "v1", "*", "Cluster", false)]
    [InlineData("apps", "v1", "*", "*", false)]
    [InlineData("", "v2", "*", "*", false)]
    public void Rules_match_by_group_version_resource_and_scope(string group, string version, string resource, string scope, bool matches)
    {
        var webhook = Webhook("check.example.io", resource, "CREATE");
        var rule = webhook["rules"]![0]!;
        (rule["apiGroups"], rule["apiVersions"], rule["scope"]) = (new JsonArray(group), new JsonArray(version), scope);
        Configure(webhook);
        _api.Webhook = (_, review) => Allow(review);
        _api.Create(Maps, Map("a", "1"));
        Assert.Equal(matches ? 1 : 0, _api.Asked.Count);
    }

    [Fact]
    public void Subresources_are_asked_about_by_rules_that_name_them()
    {
        _api.Create("v1/ns:default/services", """{"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""");
        Configure(Webhook("check.example.io", "services/status", "UPDATE"));
        _api.Webhook = (_, review) => Allow(review);
        _api.Merge("v1/ns:default/services/s", """{"metadata":{"labels":{"a":"b"}}}""");
        Assert.Empty(_api.Asked);
        _api.Merge("v1/ns:default/services/s/status", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}""");
        Assert.Equal("status", Text(Assert.Single(_api.Asked).Review["request"]!, "subResource"));
    }

    [Fact]
    public void Selectors_look_at_the_namespace_and_at_the_old_and_new_object()
    {
        _api.Create("v1/namespaces", """{"metadata":{"name":"watched","labels":{"watch":"yes"}}}""");
        var webhook = Webhook("check.example.io", "configmaps", "CREATE", "UPDATE");
        webhook["namespaceSelector"] = JsonNode.Parse("""{"matchLabels":{"watch":"yes"}}""");
        webhook["objectSelector"] = JsonNode.Parse("""{"matchExpressions":[{"key":"seen","operator":"Exists"}]}""");
        Configure(webhook);
        _api.Webhook = (_, review) => Allow(review);
        _api.Create(Maps, """{"metadata":{"name":"a","labels":{"seen":""}}}""");
        _api.Create("v1/ns:watched/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.Empty(_api.Asked);
        _api.Create("v1/ns:watched/configmaps", """{"metadata":{"name":"b","labels":{"seen":""}}}""");
        _api.Merge("v1/ns:watched/configmaps/b", """{"metadata":{"labels":null}}""");
        Assert.Equal(2, _api.Asked.Count);
        _api.Merge("v1/ns:watched/configmaps/b", """{"data":{"x":"1"}}""");
        Assert.Equal(2, _api.Asked.Count);
    }

    [Fact]
    public void Object_that_changed_while_the_webhook_was_asked_is_shown_to_it_again()
    {
        _api.Create(Maps, Map("a", "1"));
        Configure(Webhook("check.example.io", "configmaps", "UPDATE"));
        var raced = false;
        _api.Webhook = (_, review) =>
        {
            if (!raced)
            {
                raced = true;
                var patch = new ApiRequest
                {
                    Verb = ApiVerb.Patch, Resource = "configmaps", Namespace = "default", Name = "a",
                        ContentType = "application/merge-patch+json",
                    Body = """{"data":{"y":"0"}}"""u8.ToArray(),
                };
                var rival = _api.Store.Handle(patch, _api.Now);
                Assert.Equal(200, _api.Store.Handle(rival.Pending!.Resume([.. rival.Pending.Calls.Select(_api.Ask)]), _api.Now).StatusCode);
            }
            return Allow(review);
        };
        var map = _api.Merge(Maps + "/a", """{"data":{"x":"2"}}""");
        Assert.Equal("""{"x":"2","y":"0"}""", map["data"]!.ToJsonString());
        Assert.Equal("""{"x":"2","y":"0"}""", _api.Asked[^1].Review["request"]!["object"]!["data"]!.ToJsonString());
    }

    [Fact]
    public void What_is_written_is_what_the_webhook_saw_also_where_the_server_chooses()
    {
        Configure(Webhook("check.example.io", "services", "CREATE"));
        _api.Webhook = (_, review) =>
        {
            _api.Now += TimeSpan.FromSeconds(5);
            return Allow(review);
        };
        var service = _api.Create("v1/ns:default/services",
            """{"metadata":{"generateName":"s-"},"spec":{"type":"NodePort","ports":[{"port":80}]}}""");
        var seen = Assert.Single(_api.Asked).Review["request"]!["object"]!;
        service["metadata"]!.AsObject().Remove("resourceVersion");
        Assert.True(JsonNode.DeepEquals(seen, service), seen.ToJsonString() + "\n" + service.ToJsonString());
    }

    [Fact]
    public void Each_object_of_a_collection_is_asked_about_before_any_goes()
    {
        _api.Create(Maps, Map("a", "1"));
        _api.Create(Maps, Map("b", "2"));
        Configure(Webhook("check.example.io", "configmaps", "DELETE"));
        _api.Webhook = (_, review) => Text(review["request"]!, "name") == "a" ? Allow(review) : Deny(review, 403, "", "keep b");
        Assert.Equal("admission webhook \"check.example.io\" denied the request: keep b", _api.Refused(403, ApiVerb.DeleteCollection,
            Maps));
        Assert.Equal(2, _api.List(Maps)["items"]!.AsArray().Count);
        _api.Webhook = (_, review) => Allow(review);
        _api.Call(ApiVerb.DeleteCollection, Maps);
        Assert.Empty(_api.List(Maps)["items"]!.AsArray());
    }

    [Fact]
    public void Broken_webhook_cannot_keep_its_own_configuration_from_being_repaired()
    {
        var webhook = Webhook("check.example.io", "*", "CREATE", "UPDATE", "DELETE");
        (webhook["rules"]![0]!["apiGroups"], webhook["rules"]![0]!["apiVersions"]) = (new JsonArray("*"), new JsonArray("*"));
        Configure(webhook);
        _api.Webhook = (_, _) => "down";
        _api.Refused(500, ApiVerb.Create, Maps, Map("a", "1"));
        _api.Delete(Configurations + "/test");
        _api.Create(Maps, Map("a", "1"));
    }

    [Fact]
    public void Match_conditions_must_all_hold()
    {
        var webhook = Webhook("check.example.io", "configmaps", "CREATE");
        webhook["matchConditions"] = JsonNode.Parse(
            """
            [{"name":"not-ours","expression":"!object.metadata.name.startsWith('kube-')"},
             {"name":"by-people","expression":"!('system:nodes' in request.userInfo.groups)"}]
            """);
        Configure(webhook);
        _api.Webhook = (_, review) => Allow(review);
        _api.Create(Maps, Map("kube-a", "1"));
        Assert.Empty(_api.Asked);
        _api.Create(Maps, Map("a", "1"));
        Assert.Single(_api.Asked);
    }

    [Fact]
    public void Configuration_is_defaulted()
    {
        Configure(Webhook("check.example.io", "configmaps", "CREATE"));
        var webhook = _api.Get(Configurations + "/test")["webhooks"]![0]!;
        Assert.Equal(("Fail", "Equivalent", 10), (Text(webhook, "failurePolicy"), Text(webhook, "matchPolicy"),
            (int)webhook["timeoutSeconds"]!));
        Assert.Equal("{}", webhook["namespaceSelector"]!.ToJsonString());
        Assert.Equal(("*", 443), (Text(webhook["rules"]![0]!, "scope"), (int)webhook["clientConfig"]!["service"]!["port"]!));
    }

    [Theory]
    [InlineData("name", "\"short\"",
        "webhooks[0].name: Invalid value: \"short\": should be a domain with at least three segments separated by dots")]
    [InlineData("sideEffects", "null", "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun")]
    [InlineData("sideEffects", "\"Some\"",
        "webhooks[0].sideEffects: Unsupported value: \"Some\": supported values: \"None\", \"NoneOnDryRun\"")]
    [InlineData("timeoutSeconds", "31",
        "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds")]
    [InlineData("admissionReviewVersions", "[]", "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1")]
    [InlineData("clientConfig", "{}", "webhooks[0].clientConfig: Required value: exactly one of url or service is required")]
    [InlineData("clientConfig", """{"url":"http://a/b"}""",
        "clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]")]
    [InlineData("failurePolicy", "\"Maybe\"",
        "webhooks[0].failurePolicy: Unsupported value: \"Maybe\": supported values: \"Fail\", \"Ignore\"")]
    public void Wrong_configurations_are_refused_in_Kubernetes_words(string field, string value, string message)
    {
        var webhook = Webhook("check.example.io", "configmaps", "CREATE");
        webhook[field] = JsonNode.Parse(value);
        Assert.EndsWith(message, _api.Refused(422, ApiVerb.Create, Configurations, Configuration(webhook).ToJsonString()),
            StringComparison.Ordinal);
    }

    private void Configure(params JsonObject[] webhooks)
    {
        _api.Call(ApiVerb.Delete, Configurations + "/test");
        _api.Create(Configurations, Configuration(webhooks).ToJsonString());
    }

    private static JsonObject Configuration(params JsonObject[] webhooks) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "test" }, ["webhooks"] = new JsonArray([.. webhooks.Select(webhook =>
            webhook.DeepClone())]),
    };

    private static JsonObject Webhook(string name, string resource, params string[] operations) => new()
    {
        ["name"] = name,
        ["clientConfig"] = new JsonObject { ["service"] = new JsonObject { ["namespace"] = "system", ["name"] = "hook",
            ["path"] = "/check" } },
        ["rules"] = new JsonArray(new JsonObject
        {
            ["operations"] = new JsonArray([.. operations.Select(operation => JsonValue.Create(operation))]),
            ["apiGroups"] = new JsonArray(""), ["apiVersions"] = new JsonArray("v1"), ["resources"] = new JsonArray(resource),
        }),
        ["sideEffects"] = "None",
        ["admissionReviewVersions"] = new JsonArray("v1"),
    };

    private static JsonObject Allow(JsonNode review) => Answer(review, new JsonObject { ["allowed"] = true });

    private static JsonObject Deny(JsonNode review, int code, string reason, string message) => Answer(review, new JsonObject
    {
        ["allowed"] = false, ["status"] = new JsonObject { ["code"] = code, ["reason"] = reason, ["message"] = message },
    });

    private static JsonObject Answer(JsonNode review, JsonObject response)
    {
        response["uid"] = Text(review["request"]!, "uid");
        return new JsonObject { ["apiVersion"] = Text(review, "apiVersion"), ["kind"] = "AdmissionReview", ["response"] = response };
    }

    private static string Map(string name, string x) => $$$"""{"metadata":{"name":"{{{name}}}"},"data":{"x":"{{{x}}}"}}""";

    private static string Text(JsonNode node, string name) => (string)node[name]!;
}
