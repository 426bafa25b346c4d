using System;
using System.Linq;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>
/// What an update may not change, and which part of an object a subresource writes, as the API reference tells for each kind.
/// </summary>
public sealed class ImmutabilityTests
{
    private const string Services = "v1/ns:default/services";
    private const string MergeType = "application/merge-patch+json";
    private readonly TestApi _api = new();

    [Fact]
    public void Cluster_address_name_and_uid_of_a_service_stay()
    {
        var service = _api.Create(Services, """{"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""");
        Assert.Contains("spec.clusterIPs[0]: Invalid value: [\"10.96.9.9\"]: may not change once set", Patch(422, Services + "/s",
            """{"spec":{"clusterIP":"10.96.9.9","clusterIPs":["10.96.9.9"]}}"""), StringComparison.Ordinal);
        Assert.Equal("the name of the object (t) does not match the name on the URL (s)",
            Patch(400, Services + "/s", """{"metadata":{"name":"t"}}"""));
        Assert.Contains("Precondition failed: UID in precondition: 1-2, UID in object meta: ",
            Patch(409, Services + "/s", """{"metadata":{"uid":"1-2"}}"""), StringComparison.Ordinal);
        service["metadata"]!["creationTimestamp"] = "2001-01-01T00:00:00Z";
        Assert.Equal("2030-01-02T03:04:05Z", (string?)_api.Update(Services + "/s", service)["metadata"]!["creationTimestamp"]);
    }

    [Fact]
    public void Immutable_secret_keeps_its_data_and_every_secret_its_type()
    {
        const string Secret = "v1/ns:default/secrets/a";
        _api.Create("v1/ns:default/secrets", """{"metadata":{"name":"a"},"immutable":true,"stringData":{"k":"v"}}""");
        Assert.Equal("Secret \"a\" is invalid: data: Forbidden: field is immutable when `immutable` is set",
            Patch(422, Secret, """{"stringData":{"k":"w"}}"""));
        Assert.Contains("immutable: Forbidden: field is immutable when `immutable` is set", Patch(422, Secret, """{"immutable":false}"""),
            StringComparison.Ordinal);
        Assert.Contains("type: Invalid value: \"x.io/y\": field is immutable", Patch(422, Secret, """{"type":"x.io/y"}"""),
            StringComparison.Ordinal);
        _api.Merge(Secret, """{"metadata":{"labels":{"a":"b"}}}""");
    }

    [Fact]
    public void Selector_of_a_workload_matches_its_template_and_never_changes()
    {
        const string Sets = "apps/v1/ns:default/daemonsets";
        const string Body = """
            {"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"SELECTED"}},
             "template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """;
        Assert.Contains("`selector` does not match template `labels`", _api.Refused(422, ApiVerb.Create, Sets, Body),
            StringComparison.Ordinal);
        _api.Create(Sets, Body.Replace("SELECTED", "x", StringComparison.Ordinal));
        Assert.Contains("field is immutable", Patch(422, Sets + "/d",
            """{"spec":{"selector":{"matchLabels":{"app":"y"}},"template":{"metadata":{"labels":{"app":"y"}}}}}"""),
                StringComparison.Ordinal);
    }

    [Fact]
    public void Spec_write_leaves_the_status_and_status_write_leaves_the_spec()
    {
        _api.Create(Services, """
            {"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]},
             "status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.9"}]}}}
            """);
        Assert.Equal("""{"loadBalancer":{}}""", _api.Get(Services + "/s")["status"]!.ToJsonString());
        _api.Merge(Services + "/s", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.9"}]}}}""");
        Assert.Equal("""{"loadBalancer":{}}""", _api.Get(Services + "/s")["status"]!.ToJsonString());
        var written = _api.Merge(Services + "/s/status",
            """
            {"metadata":{"annotations":{"note":"kept"},"labels":{"l":"kept"}},"spec":{"externalName":"no","ports":[{"port":81}]},
             "status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}
            """);
        Assert.Equal("192.0.2.1", (string?)written["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
        Assert.Equal(80, (int)written["spec"]!["ports"]![0]!["port"]!);
        Assert.Equal(("kept", "kept"), ((string)written["metadata"]!["annotations"]!["note"]!,
            (string)written["metadata"]!["labels"]!["l"]!));
    }

    [Fact]
    public void Status_write_of_a_custom_resource_leaves_its_metadata()
    {
        _api.Create("apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"things.x.io"},"spec":{"group":"x.io","scope":"Namespaced","names":{"plural":"things","kind":"Thing"},
             "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},
             "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
            """);
        const string Thing = "x.io/v1/ns:default/things/a";
        var made = _api.Create("x.io/v1/ns:default/things", """{"metadata":{"name":"a"},"spec":{"n":1}}""");
        var written = _api.Merge(Thing + "/status", """{"metadata":{"labels":{"l":"lost"}},"spec":{"n":2},"status":{"ok":true}}""");
        Assert.Null(written["metadata"]!["labels"]);
        Assert.Equal((1, true), ((int)written["spec"]!["n"]!, (bool)written["status"]!["ok"]!));
        Assert.Equal((int)made["metadata"]!["generation"]!, (int)written["metadata"]!["generation"]!);
        Assert.Equal(2, (int)_api.Merge(Thing, """{"spec":{"n":3},"status":{"ok":false}}""")["metadata"]!["generation"]!);
        Assert.True((bool)_api.Get(Thing)["status"]!["ok"]!);
    }

    [Fact]
    public void Patch_that_would_make_an_object_too_large_is_refused_and_changes_nothing()
    {
        var small = new TestApi(new ApiStoreOptions { MaximumObjectBytes = 4000 });
        small.Create("v1/ns:default/configmaps", """{"metadata":{"name":"a"}}""");
        var before = small.Store.ResourceVersion;
        for (var i = 0; i < 9; i++)
        {
            var patch = $$$"""{"data":{"k{{{i}}}":"{{{new string('x', 500)}}}"}}""";
            if (small.Call(ApiVerb.Patch, "v1/ns:default/configmaps/a", patch, "", MergeType) is (413, var status))
            {
                Assert.Equal("Request entity too large: limit is 4000", (string?)status["message"]);
                Assert.Equal(before + i, small.Store.ResourceVersion);
                Assert.Equal(i, small.Get("v1/ns:default/configmaps/a")["data"]!.AsObject().Count);
                Assert.InRange(i, 4, 8);
                return;
            }
        }
        Assert.Fail("nothing was refused");
    }

    [Fact]
    public void Managers_beyond_ten_are_merged_and_those_that_own_nothing_go()
    {
        const string Map = "v1/ns:default/configmaps/a";
        _api.Call(ApiVerb.Create, "v1/ns:default/configmaps", """{"metadata":{"name":"a"},"data":{"k":"0"}}""", "fieldManager=m0");
        for (var i = 1; i <= 14; i++)
        {
            _api.Now += TimeSpan.FromSeconds(1);
            _api.Merge(Map, $$$"""{"data":{"k{{{i}}}":"1"}}""", $"fieldManager=m{i}");
        }
        var managers = Managers(Map);
        Assert.Equal(10, managers.Length);
        Assert.Contains("ancient-changes", managers);
        Assert.DoesNotContain("m1", managers);
        _api.Merge(Map, """{"data":{"k14":"2"}}""", "fieldManager=m13");
        Assert.DoesNotContain("m14", Managers(Map));
    }

    [Fact]
    public void Applied_configuration_that_owns_nothing_any_more_leaves_no_entry()
    {
        const string Map = "v1/ns:default/configmaps/a";
        _api.Apply(Map, "one", """{"apiVersion":"v1","kind":"ConfigMap","data":{"x":"1"}}""");
        _api.Apply(Map, "two", """{"apiVersion":"v1","kind":"ConfigMap","data":{"y":"1"}}""");
        _api.Apply(Map, "one", """{"apiVersion":"v1","kind":"ConfigMap"}""");
        Assert.Equal(["two"], Managers(Map));
        Assert.Equal("""{"y":"1"}""", _api.Get(Map)["data"]!.ToJsonString());
    }

    [Fact]
    public void Managers_time_moves_only_when_what_it_owns_changes()
    {
        const string Map = "v1/ns:default/configmaps/a";
        _api.Apply(Map, "one", """{"apiVersion":"v1","kind":"ConfigMap","data":{"x":"1"}}""");
        _api.Now += TimeSpan.FromMinutes(1);
        _api.Apply(Map, "two", """{"apiVersion":"v1","kind":"ConfigMap","data":{"y":"1"}}""");
        var times = _api.Get(Map)["metadata"]!["managedFields"]!.AsArray().Select(entry => (string)entry!["time"]!);
        Assert.Equal(["2030-01-02T03:04:05Z", "2030-01-02T03:05:05Z"], times);
    }

    [Fact]
    public void Subresource_has_a_manager_of_its_own()
    {
        _api.Create(Services, """{"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""", "fieldManager=me");
        _api.Merge(Services + "/s/status", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}""", "fieldManager=me");
        var entries = _api.Get(Services + "/s")["metadata"]!["managedFields"]!.AsArray();
        Assert.Equal(["me/", "me/status"], entries.Select(entry =>
            $"{entry!["manager"]}/{entry["subresource"]}").Order(StringComparer.Ordinal));
    }

    private string[] Managers(string path) =>
        [.. _api.Get(path)["metadata"]!["managedFields"]!.AsArray().Select(entry => (string)entry!["manager"]!)];

    private string Patch(int code, string path, string body) => _api.Refused(code, ApiVerb.Patch, path, body, "", MergeType);
}
