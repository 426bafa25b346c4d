using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>Deletion, finalizers and owner references, as Kubernetes' documentation of garbage collection describes them.</summary>
public sealed class GarbageCollectionTests
{
    private const string Maps = "v1/ns:default/configmaps";
    private readonly TestApi _api = new();

    [Fact]
    public void Background_deletion_removes_the_owner_at_once_and_then_its_dependents()
    {
        var owner = Make("owner");
        Make("child", Owner(owner));
        _api.Delete(Maps + "/owner", "propagationPolicy=Background");
        Assert.Empty(Names());
    }

    [Fact]
    public void Orphaned_dependents_stay_and_forget_their_owner()
    {
        var owner = Make("owner");
        Make("child", Owner(owner));
        _api.Delete(Maps + "/owner", "propagationPolicy=Orphan");
        Assert.Null(_api.Get(Maps + "/child")["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public void Foreground_deletion_waits_for_dependents_that_block_their_owner()
    {
        var owner = Make("owner");
        Make("blocking", Owner(owner, blocks: true), finalizer: true);
        Make("other", Owner(owner), finalizer: true);
        _api.Delete(Maps + "/owner", "propagationPolicy=Foreground");
        var waiting = _api.Get(Maps + "/owner")["metadata"]!;
        Assert.Equal("""["foregroundDeletion"]""", waiting["finalizers"]!.ToJsonString());
        Assert.NotNull(waiting["deletionTimestamp"]);
        _api.Merge(Maps + "/blocking", """{"metadata":{"finalizers":null}}""");
        Assert.Equal(["other"], Names());
        Assert.NotNull(_api.Get(Maps + "/other")["metadata"]!["deletionTimestamp"]);
    }

    [Fact]
    public void Dependent_with_another_owner_stays_and_forgets_the_one_that_went()
    {
        var (first, second) = (Make("first"), Make("second"));
        Make("child", Owner(first, blocks: true), Owner(second));
        _api.Delete(Maps + "/first", "propagationPolicy=Background");
        Assert.Equal("second", (string?)Assert.Single(Owners("child"))!["name"]);
        var third = Make("third");
        _api.JsonPatch(Maps + "/child", $$"""[{"op":"add","path":"/metadata/ownerReferences/-","value":{{Owner(third, true)}}}]""");
        _api.Delete(Maps + "/third", "propagationPolicy=Foreground");
        Assert.Equal("second", (string?)Assert.Single(Owners("child"))!["name"]);
        Assert.Equal(["child", "second"], Names());
    }

    [Fact]
    public void Object_whose_owner_does_not_exist_is_collected()
    {
        var owner = Make("owner");
        _api.Delete(Maps + "/owner");
        Make("late", Owner(owner));
        Assert.Empty(Names());
    }

    [Fact]
    public void Owner_of_the_same_name_with_another_uid_is_not_the_owner()
    {
        Make("owner");
        Make("child", """{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"11111111-2222-3333-4444-555555555555"}""");
        Assert.Equal(["owner"], Names());
    }

    [Fact]
    public void Owner_in_another_namespace_counts_as_absent()
    {
        _api.Create("v1/namespaces", """{"metadata":{"name":"other"}}""");
        var owner = Make("owner");
        _api.Create("v1/ns:other/configmaps", $$$"""{"metadata":{"name":"child","ownerReferences":[{{{Owner(owner)}}}]}}""");
        Assert.DoesNotContain(_api.List("v1/ns:other/configmaps")["items"]!.AsArray(), item =>
            (string?)item!["metadata"]!["name"] == "child");
    }

    [Fact]
    public void Nothing_is_concluded_from_owners_that_cannot_be_looked_up()
    {
        var owner = Make("owner");
        _api.Create("v1/nodes", $$$"""{"metadata":{"name":"n","ownerReferences":[{{{Owner(owner)}}}]}}""");
        Make("foreign", """{"apiVersion":"cows.io/v1","kind":"Cow","name":"c","uid":"11111111-2222-3333-4444-555555555555"}""");
        _api.Delete(Maps + "/owner");
        _api.Get("v1/nodes/n");
        Assert.Equal(["foreign"], Names());
    }

    [Fact]
    public void Terminating_object_has_its_time_and_takes_no_new_finalizer()
    {
        Make("a", finalizer: true);
        _api.Delete(Maps + "/a");
        var metadata = _api.Get(Maps + "/a")["metadata"]!;
        Assert.Equal(("2030-01-02T03:04:05Z", 0), ((string)metadata["deletionTimestamp"]!, (int)metadata["deletionGracePeriodSeconds"]!));
        _api.Now += TimeSpan.FromMinutes(1);
        _api.Delete(Maps + "/a");
        Assert.Equal("2030-01-02T03:04:05Z", (string?)_api.Get(Maps + "/a")["metadata"]!["deletionTimestamp"]);
        Assert.Contains("no new finalizers can be added if the object is being deleted, found new finalizers []string{\"x.io/b\"}",
            _api.Refused(422, ApiVerb.Patch, Maps + "/a", """{"metadata":{"finalizers":["x.io/a","x.io/b"]}}""", "",
                "application/merge-patch+json"), StringComparison.Ordinal);
        _api.Merge(Maps + "/a", """{"metadata":{"finalizers":[]}}""");
        Assert.Empty(Names());
    }

    [Theory]
    [InlineData("propagationPolicy=Sideways", "",
        "propagationPolicy: Unsupported value: \"Sideways\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"")]
    [InlineData("", """{"propagationPolicy":"Orphan","orphanDependents":true}""",
        "propagationPolicy: Invalid value: \"Orphan\": orphanDependents and deletionPropagation cannot be both set")]
    public void Wrong_policies_are_refused(string query, string body, string message)
    {
        Make("a");
        Assert.EndsWith(message, _api.Refused(422, ApiVerb.Delete, Maps + "/a", body, query), StringComparison.Ordinal);
    }

    private JsonObject Make(string name, string owner = "", string secondOwner = "", bool finalizer = false)
    {
        var owners = string.Join(',', new[] { owner, secondOwner }.Where(text => text.Length > 0));
        var finalizers = finalizer ? "\"x.io/a\"" : "";
        return _api.Create(Maps, $$"""
            {"metadata":{"name":"{{name}}","ownerReferences":[{{owners}}],"finalizers":[{{finalizers}}]} }
            """);
    }

    private static string Owner(JsonObject owner, bool blocks = false) => new JsonObject
    {
        ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["name"] = (string)owner["metadata"]!["name"]!,
        ["uid"] = (string)owner["metadata"]!["uid"]!, ["blockOwnerDeletion"] = blocks,
    }.ToJsonString();

    private JsonArray Owners(string name) => _api.Get($"{Maps}/{name}")["metadata"]!["ownerReferences"]!.AsArray();

    private string[] Names() => [.. _api.List(Maps)["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];
}
