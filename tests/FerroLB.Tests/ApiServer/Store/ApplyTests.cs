using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

public sealed class ApplyTests
{
    private const string Maps = "v1/ns:default/configmaps";
    private const string Services = "v1/ns:default/services";
    private const string ApplyType = "application/apply-patch+yaml";
    private readonly TestApi _api = new();

    [Fact]
    public void Applying_creates_and_owns_exactly_what_was_applied()
    {
        var map = _api.Apply(Maps + "/a", "me", Map("""{"x":"1","y":"2"}"""));
        var entry = Assert.Single(map["metadata"]!["managedFields"]!.AsArray())!;
        Assert.Equal("Apply", (string?)entry["operation"]);
        Assert.Equal("""{"f:data":{"f:x":{},"f:y":{}}}""", entry["fieldsV1"]!.ToJsonString());
    }

    [Fact]
    public void Applying_again_without_change_keeps_the_version()
    {
        var first = _api.Apply(Services + "/s", "me", Service());
        _api.Now += TimeSpan.FromMinutes(5);
        Assert.Equal(first.ToJsonString(), _api.Apply(Services + "/s", "me", Service()).ToJsonString());
    }

    [Fact]
    public void Field_no_longer_applied_is_removed_unless_somebody_else_owns_it()
    {
        _api.Apply(Maps + "/a", "me", Map("""{"x":"1","y":"2","z":"3"}"""));
        _api.Apply(Maps + "/a", "other", Map("""{"y":"2"}"""));
        var map = _api.Apply(Maps + "/a", "me", Map("""{"x":"1"}"""));
        Assert.Equal("""{"x":"1","y":"2"}""", map["data"]!.ToJsonString());
    }

    [Fact]
    public void Removed_port_goes_and_the_other_stays()
    {
        _api.Apply(Services + "/s", "me", Service());
        var service = _api.Apply(Services + "/s", "me", """
            {"apiVersion":"v1","kind":"Service","spec":{"type":"LoadBalancer","ports":[{"name":"b","port":443}]}}
            """);
        Assert.Equal(["b"], service["spec"]!["ports"]!.AsArray().Select(port => (string)port!["name"]!));
    }

    [Fact]
    public void Conflict_names_the_other_manager_and_the_field()
    {
        _api.Apply(Maps + "/a", "me", Map("""{"x":"1","y":"1"}"""));
        Assert.Equal(
            "Apply failed with 1 conflict: conflict with \"me\": .data.x",
            _api.Refused(409, ApiVerb.Patch, Maps + "/a", Map("""{"x":"2"}"""), "fieldManager=other", ApplyType));
        Assert.Equal(
            "Apply failed with 2 conflicts: conflicts with \"me\":\n- .data.x\n- .data.y",
            _api.Refused(409, ApiVerb.Patch, Maps + "/a", Map("""{"x":"2","y":"2"}"""), "fieldManager=other", ApplyType));
        var forced = _api.Apply(Maps + "/a", "other", Map("""{"x":"2"}"""), true);
        Assert.Equal("2", (string?)forced["data"]!["x"]);
        Assert.Equal("""{"f:data":{"f:y":{}}}""", Owned(forced, "me"));
    }

    [Fact]
    public void Conflict_with_a_plain_writer_tells_the_version()
    {
        _api.Create(Services,
            """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80,"targetPort":8080}]}}""", "fieldManager=kubectl-create");
        Assert.Equal(
            "Apply failed with 1 conflict: conflict with \"kubectl-create\" using v1: .spec.ports[port=80,protocol=\"TCP\"].targetPort",
            _api.Refused(409, ApiVerb.Patch, Services + "/s",
                """{"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":80,"targetPort":9090}]}}""", "fieldManager=me", ApplyType));
    }

    [Fact]
    public void Writing_takes_ownership()
    {
        _api.Apply(Maps + "/a", "me", Map("""{"x":"1","y":"1"}"""));
        var map = _api.Merge(Maps + "/a", """{"data":{"x":"2"}}""", "fieldManager=editor");
        Assert.Equal("""{"f:data":{"f:y":{}}}""", Owned(map, "me"));
        Assert.Equal("""{"f:data":{"f:x":{}}}""", Owned(map, "editor"));
    }

    [Fact]
    public void Status_applied_by_one_leaves_the_spec_to_the_other()
    {
        _api.Apply(Services + "/s", "me", Service());
        var service = _api.Apply(Services + "/s/status", "controller", """
            {"apiVersion":"v1","kind":"Service","status":{"conditions":[{"type":"A","status":"True","reason":"r","message":"",
             "lastTransitionTime":"2030-01-01T00:00:00Z"}],"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}
            """);
        Assert.Equal("192.0.2.1", (string?)service["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
        service = _api.Apply(Services + "/s", "me", Service());
        Assert.Equal("A", (string?)service["status"]!["conditions"]![0]!["type"]);
        service = _api.Apply(Services + "/s/status", "controller", """{"apiVersion":"v1","kind":"Service","status":{"loadBalancer":{}}}""");
        Assert.Equal("""{"loadBalancer":{}}""", service["status"]!.ToJsonString());
    }

    [Fact]
    public void Client_side_applier_moves_to_the_server_side_without_conflict()
    {
        _api.Create(Maps, """
            {"metadata":{"name":"a","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"x\":\"1\"}}"}},
             "data":{"x":"1"}}
            """, "fieldManager=kubectl-client-side-apply");
        Assert.Equal("2", (string?)_api.Apply(Maps + "/a", "kubectl", Map("""{"x":"2"}"""))["data"]!["x"]);
    }

    [Fact]
    public void Managed_fields_can_be_handed_over_by_a_patch()
    {
        _api.Create(Maps, """{"metadata":{"name":"a"},"data":{"x":"1"}}""", "fieldManager=old");
        var map = _api.JsonPatch(Maps + "/a", """[{"op":"replace","path":"/metadata/managedFields/0/manager","value":"new"}]""");
        Assert.Equal("new", (string?)map["metadata"]!["managedFields"]![0]!["manager"]);
    }

    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"Service","spec":{"foo":1}}""",
        "failed to create typed patch object (s; /v1, Kind=Service): .spec.foo: field not declared in schema")]
    [InlineData("""{"apiVersion":"v1","kind":"Service","spec":{"ports":[{"name":"x"}]}}""",
        "failed to create typed patch object (s; /v1, Kind=Service): .spec.ports: element 0: associative list with keys has an element " +
        "that omits key field \"port\"")]
    public void Ill_formed_apply_is_refused(string body, string message) =>
        Assert.Equal(message, _api.Refused(500, ApiVerb.Patch, Services + "/s", body, "fieldManager=me", ApplyType));

    [Fact]
    public void Apply_without_manager_is_refused() => Assert.Contains(
        "fieldManager: Required value: is required for apply patch",
        _api.Refused(422, ApiVerb.Patch, Maps + "/a", Map("{}"), "", ApplyType), StringComparison.Ordinal);

    private static string Map(string data) => $$"""{"apiVersion":"v1","kind":"ConfigMap","data":{{data}}}""";

    private static string Service() => """
        {"apiVersion":"v1","kind":"Service","spec":{"type":"LoadBalancer","selector":{"a":"b"},
         "ports":[{"name":"a","port":80},{"name":"b","port":443}]}}
        """;

    private static string Owned(JsonObject value, string manager) => value["metadata"]!["managedFields"]!.AsArray()
        .Single(entry => (string?)entry!["manager"] == manager)!["fieldsV1"]!.ToJsonString();
}
