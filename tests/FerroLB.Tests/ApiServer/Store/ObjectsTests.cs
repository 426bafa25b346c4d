using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

public sealed class ObjectsTests
{
    private const string Maps = "v1/ns:default/configmaps";
    private readonly TestApi _api = new();

    [Fact]
    public void Every_cluster_starts_with_its_namespaces_and_the_kubernetes_service()
    {
        Assert.Equal(["default", "kube-node-lease", "kube-public", "kube-system"], Names(_api.List("v1/namespaces")));
        var service = _api.Get("v1/ns:default/services/kubernetes");
        Assert.Equal("10.96.0.1", (string?)service["spec"]!["clusterIP"]);
        Assert.Equal("default", (string?)_api.Get("v1/namespaces/default")["metadata"]!["labels"]!["kubernetes.io/metadata.name"]);
    }

    [Fact]
    public void New_object_gets_its_metadata()
    {
        var map = _api.Create(Maps, """{"metadata":{"generateName":"m-","creationTimestamp":null},"data":{"k":""}}""");
        var metadata = map["metadata"]!;
        Assert.Matches("^m-[a-z0-9]{5}$", (string)metadata["name"]!);
        Assert.True(Guid.TryParse((string)metadata["uid"]!, out _));
        Assert.Equal("2030-01-02T03:04:05Z", (string?)metadata["creationTimestamp"]);
        Assert.Equal(_api.Store.ResourceVersion.ToString(), (string?)metadata["resourceVersion"]);
        Assert.Equal("""{"k":""}""", map["data"]!.ToJsonString());
    }

    [Theory]
    [InlineData(404, ApiVerb.Get, Maps + "/none", "", "configmaps \"none\" not found")]
    [InlineData(404, ApiVerb.Get, "apps/v1/ns:default/deployments/none", "", "deployments.apps \"none\" not found")]
    [InlineData(404, ApiVerb.Get, "v1/ns:default/unicorns/none", "", "the server could not find the requested resource")]
    [InlineData(404, ApiVerb.Create, "v1/ns:nowhere/configmaps", """{"metadata":{"name":"a"}}""", "namespaces \"nowhere\" not found")]
    [InlineData(409, ApiVerb.Create, "v1/namespaces", """{"metadata":{"name":"default"}}""", "namespaces \"default\" already exists")]
    [InlineData(400, ApiVerb.Create, Maps, """{"metadata":{"name":"a","namespace":"other"}}""",
        "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData(422, ApiVerb.Create, Maps, """{"metadata":{}}""",
        "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required")]
    [InlineData(422, ApiVerb.Create, Maps, """{"metadata":{"name":"A_b"}}""",
        "ConfigMap \"A_b\" is invalid: metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case " +
        "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for " +
        "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]
    [InlineData(403, ApiVerb.Delete, "v1/namespaces/default", "", "namespaces \"default\" is forbidden: this namespace may not be deleted")]
    [InlineData(400, ApiVerb.Create, "v1/ns:default/services", """{"metadata":{"name":"a"},"spec":{"ports":[{"port":"x"}]}}""",
        "Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal string into Go struct field " +
        "ServicePort.spec.ports.port of type int32")]
    public void Refusal_uses_the_words_of_Kubernetes(int code, ApiVerb verb, string path, string body, string message) =>
        Assert.Equal(message, _api.Refused(code, verb, path, body));

    [Fact]
    public void Unknown_field_is_refused_warned_of_or_dropped()
    {
        const string Body = """{"metadata":{"name":"a"},"spec":{"foo":1,"ports":[{"port":80,"bar":2}]},"spex":3}""";
        Assert.Equal(
            "Service in version \"v1\" cannot be handled as a Service: strict decoding error: unknown field \"spec.foo\", " +
            "unknown field \"spec.ports[0].bar\", unknown field \"spex\"",
            _api.Refused(400, ApiVerb.Create, "v1/ns:default/services", Body, "fieldValidation=Strict"));
        var service = _api.Create("v1/ns:default/services", Body);
        Assert.Equal(["unknown field \"spec.foo\"", "unknown field \"spec.ports[0].bar\"", "unknown field \"spex\""], _api.Warnings);
        Assert.Null(service["spec"]!["foo"]);
    }

    [Fact]
    public void Stale_writer_is_told_so()
    {
        var map = _api.Create(Maps, """{"metadata":{"name":"a"}}""");
        _api.Merge(Maps + "/a", """{"data":{"k":"v"}}""");
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest " +
            "version and try again",
            _api.Refused(409, ApiVerb.Update, Maps + "/a", map.ToJsonString()));
    }

    [Fact]
    public void Write_that_changes_nothing_keeps_the_version()
    {
        var map = _api.Create(Maps, """{"metadata":{"name":"a"},"data":{"k":"v"}}""");
        _api.Now += TimeSpan.FromHours(1);
        Assert.Equal(map.ToJsonString(), _api.Update(Maps + "/a", map.DeepClone()).ToJsonString());
        Assert.Equal(map.ToJsonString(), _api.Merge(Maps + "/a", """{"data":{"k":"v"}}""").ToJsonString());
    }

    [Fact]
    public void Generation_counts_changes_of_the_desired_state_only()
    {
        const string Path = "apps/v1/ns:default/deployments";
        const string Body = """
            {"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
             "spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """;
        long Generation(JsonObject value) => (long)value["metadata"]!["generation"]!;
        Assert.Equal(1, Generation(_api.Create(Path, Body)));
        Assert.Equal(1, Generation(_api.Merge(Path + "/a", """{"metadata":{"labels":{"x":"y"}}}""")));
        Assert.Equal(1, Generation(_api.Merge(Path + "/a/status", """{"status":{"replicas":1}}""")));
        Assert.Equal(2, Generation(_api.Merge(Path + "/a", """{"spec":{"replicas":3}}""")));
        Assert.Equal(3, (int)_api.Get(Path + "/a/scale")["spec"]!["replicas"]!);
        Assert.Equal(3, Generation(_api.Merge(Path + "/a", """{"spec":{"paused":true}}""")));
    }

    [Fact]
    public void Finalizer_delays_the_deletion()
    {
        _api.Create(Maps, """{"metadata":{"name":"a","finalizers":["x.io/hold"]}}""");
        Assert.Equal("2030-01-02T03:04:05Z", (string?)_api.Delete(Maps + "/a")["metadata"]!["deletionTimestamp"]);
        Assert.Contains("no new finalizers can be added if the object is being deleted",
            _api.Refused(422, ApiVerb.Patch, Maps + "/a", """{"metadata":{"finalizers":["x.io/hold","y.io/z"]}}""", "",
                "application/merge-patch+json"), StringComparison.Ordinal);
        _api.Merge(Maps + "/a", """{"metadata":{"finalizers":null}}""");
        _api.Refused(404, ApiVerb.Get, Maps + "/a");
    }

    [Fact]
    public void Deleting_a_namespace_deletes_its_contents()
    {
        _api.Create("v1/namespaces", """{"metadata":{"name":"n"}}""");
        _api.Create("v1/ns:n/configmaps", """{"metadata":{"name":"a","finalizers":["x.io/hold"]}}""");
        _api.Create("v1/ns:n/services", """{"metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}}""");
        Assert.Equal("Terminating", (string?)_api.Delete("v1/namespaces/n")["status"]!["phase"]);
        _api.Refused(404, ApiVerb.Get, "v1/ns:n/services/a");
        Assert.Equal(
            "configmaps \"b\" is forbidden: unable to create new content in namespace n because it is being terminated",
            _api.Refused(403, ApiVerb.Create, "v1/ns:n/configmaps", """{"metadata":{"name":"b"}}"""));
        _api.Merge("v1/ns:n/configmaps/a", """{"metadata":{"finalizers":[]}}""");
        _api.Refused(404, ApiVerb.Get, "v1/namespaces/n");
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("propagationPolicy=Foreground", false)]
    [InlineData("propagationPolicy=Orphan", true)]
    public void Dependents_follow_their_owner_unless_orphaned(string query, bool stays)
    {
        var owner = _api.Create(Maps, """{"metadata":{"name":"owner"}}""")["metadata"]!;
        _api.Create(Maps, $$$"""
            {"metadata":{"name":"child",
             "ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{{{owner["uid"]}}}"}]}}
            """);
        _api.Delete(Maps + "/owner", query);
        Assert.Equal(stays ? ["child"] : [], Names(_api.List(Maps)));
        if (stays)
            Assert.Null(_api.Get(Maps + "/child")["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public void Deletion_obeys_preconditions()
    {
        _api.Create(Maps, """{"metadata":{"name":"a"}}""");
        Assert.Contains("Precondition failed: UID in precondition: other",
            _api.Refused(409, ApiVerb.Delete, Maps + "/a", """{"preconditions":{"uid":"other"}}"""), StringComparison.Ordinal);
        Assert.Contains("Precondition failed: ResourceVersion in precondition: 1,",
            _api.Refused(409, ApiVerb.Delete, Maps + "/a", """{"preconditions":{"resourceVersion":"1"}}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Dry_run_leaves_nothing_behind()
    {
        _api.Create(Maps, """{"metadata":{"name":"a"},"data":{"k":"v"}}""");
        var version = _api.Store.ResourceVersion;
        _api.Create(Maps, """{"metadata":{"name":"b"}}""", "dryRun=All");
        Assert.Equal("w", (string?)_api.Merge(Maps + "/a", """{"data":{"k":"w"}}""", "dryRun=All")["data"]!["k"]);
        _api.Delete(Maps + "/a", "dryRun=All");
        Assert.Equal(version, _api.Store.ResourceVersion);
        Assert.Equal("v", (string?)_api.Get(Maps + "/a")["data"]!["k"]);
    }

    [Fact]
    public void Event_is_one_object_in_both_groups()
    {
        _api.Create("events.k8s.io/v1/ns:default/events", """
            {"metadata":{"name":"e"},"eventTime":"2030-01-01T00:00:00.000000Z","note":"hello","reason":"R","type":"Normal",
             "reportingController":"c","reportingInstance":"i","action":"A","regarding":{"kind":"Service","name":"s","namespace":"default"}}
            """);
        var core = _api.Get("v1/ns:default/events/e");
        Assert.Equal("hello", (string?)core["message"]);
        Assert.Equal("s", (string?)core["involvedObject"]!["name"]);
        Assert.Equal("c", (string?)core["reportingComponent"]);
        Assert.Equal(["e"], Names(_api.List("v1/ns:default/events", "fieldSelector=involvedObject.name=s,type=Normal")));
        Assert.Equal(core["metadata"]!["uid"]!.ToJsonString(),
            _api.Merge("events.k8s.io/v1/ns:default/events/e", """{"deprecatedCount":2}""")["metadata"]!["uid"]!.ToJsonString());
        Assert.Equal(2, (int)_api.Get("v1/ns:default/events/e")["count"]!);
    }

    [Fact]
    public void Secret_text_becomes_data()
    {
        var secret = _api.Create("v1/ns:default/secrets", """{"metadata":{"name":"s"},"stringData":{"password":"x"}}""");
        Assert.Equal("""{"password":"eA=="}""", secret["data"]!.ToJsonString());
        Assert.Equal("Opaque", (string?)secret["type"]);
        Assert.Null(secret["stringData"]);
    }

    private static string[] Names(JsonObject list) => [.. list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];
}
