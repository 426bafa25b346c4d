using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>
/// Resource versions, lists and watches, as Kubernetes' documentation of its API concepts describes them: what a version in a query means,
/// when history is gone, and what bookmarks are for.
/// </summary>
public sealed class ConsistencyTests
{
    private const string Maps = "v1/ns:default/configmaps";
    private readonly TestApi _api = new();

    [Theory]
    [InlineData("")]
    [InlineData("resourceVersion=0")]
    [InlineData("resourceVersion=")]
    public void Watch_from_nowhere_begins_with_what_is_there(string query)
    {
        Make("a");
        Make("b");
        var watch = _api.Watch(Maps, query);
        Assert.Equal(["ADDED a", "ADDED b"], _api.Drain(watch));
        Make("c");
        Assert.Equal(["ADDED c"], _api.Drain(watch));
    }

    [Fact]
    public void Streamed_list_ends_with_a_marked_bookmark_that_has_a_version()
    {
        Make("a");
        var version = Version();
        var watch = _api.Watch(Maps, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        var events = Events(watch);
        Assert.Equal(["ADDED", "BOOKMARK"], events.Select(e => (string)e["type"]!));
        var metadata = events[1]["object"]!["metadata"]!;
        Assert.Equal("true", (string?)metadata["annotations"]!["k8s.io/initial-events-end"]);
        Assert.Equal(version, (string?)metadata["resourceVersion"]);
        Assert.Equal(("ConfigMap", "v1"), ((string)events[1]["object"]!["kind"]!, (string)events[1]["object"]!["apiVersion"]!));
    }

    [Fact]
    public void Streamed_list_without_match_rule_is_refused_in_Kubernetes_words() => Assert.Equal(
        "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless " +
        "sendInitialEvents is provided and set to NotOlderThan", WatchRefusal("sendInitialEvents=true", 422));

    [Fact]
    public void Bookmarks_come_about_once_a_minute_and_before_the_end_to_those_who_allow_them()
    {
        var asking = _api.Watch(Maps, $"resourceVersion={Version()}&allowWatchBookmarks=true&timeoutSeconds=300");
        var silent = _api.Watch(Maps, $"resourceVersion={Version()}&timeoutSeconds=300");
        var times = new List<double>();
        var begin = _api.Now;
        while (!asking.Closed)
        {
            _api.Now += TimeSpan.FromSeconds(1);
            if (_api.Drain(asking).Count > 0)
                times.Add((_api.Now - begin).TotalSeconds);
            Assert.Empty(_api.Drain(silent));
        }
        Assert.Equal([60, 120, 180, 240, 298], times);
        Assert.True(silent.Closed);
    }

    [Fact]
    public void Bookmark_carries_the_version_of_other_objects_writes()
    {
        var watch = _api.Watch(Maps, $"resourceVersion={Version()}&allowWatchBookmarks=true&labelSelector=app=none");
        Make("a");
        _api.Now += TimeSpan.FromSeconds(61);
        Assert.Equal(Version(), (string?)Assert.Single(Events(watch))["object"]!["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public void Watch_from_before_the_compaction_gets_410_as_an_ERROR_event()
    {
        var version = Version();
        Make("a");
        var floor = Version();
        _api.Store.Compact();
        var error = Assert.Single(Events(_api.Watch(Maps, "resourceVersion=" + version)));
        Assert.Equal(("ERROR", 410, "Expired"),
            ((string)error["type"]!, (int)error["object"]!["code"]!, (string)error["object"]!["reason"]!));
        Assert.Equal($"too old resource version: {version} ({floor})", (string?)error["object"]!["message"]);
        Assert.Equal(["ADDED a"], _api.Drain(_api.Watch(Maps, "resourceVersion=0")));
    }

    [Fact]
    public void Watch_that_is_up_to_date_survives_a_compaction()
    {
        var watch = _api.Watch(Maps, "resourceVersion=" + Version());
        Make("a");
        _api.Drain(watch);
        _api.Store.Compact();
        Make("b");
        Assert.Equal(["ADDED b"], _api.Drain(watch));
    }

    [Fact]
    public void Page_after_the_compaction_is_expired_in_Kubernetes_words()
    {
        Make("a");
        Make("b");
        var token = (string)_api.List(Maps, "limit=1")["metadata"]!["continue"]!;
        _api.Store.Compact();
        var (code, status) = _api.Call(ApiVerb.List, Maps, "", "limit=1&continue=" + token);
        Assert.Equal((410, "Expired"), (code, (string)status["reason"]!));
        Assert.StartsWith("The provided continue parameter is too old to display a consistent list result.", (string?)status["message"],
            StringComparison.Ordinal);
        Assert.Contains("continue key is not valid", _api.Refused(400, ApiVerb.List, Maps, "", "continue=bm9uZQ"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Exact_version_is_listed_only_while_it_is_present_and_older_is_never_newer()
    {
        Make("a");
        var version = Version();
        Assert.Single(_api.List(Maps, $"resourceVersion={version}&resourceVersionMatch=Exact")["items"]!.AsArray());
        Make("b");
        Assert.Equal(2, _api.List(Maps, $"resourceVersion={version}&resourceVersionMatch=NotOlderThan")["items"]!.AsArray().Count);
        _api.Refused(410, ApiVerb.List, Maps, "", $"resourceVersion={version}&resourceVersionMatch=Exact");
        Assert.Contains("resourceVersionMatch: Forbidden", _api.Refused(422, ApiVerb.List, Maps, "", "resourceVersionMatch=Exact"),
            StringComparison.Ordinal);
        Assert.StartsWith("Timeout: Too large resource version: ", _api.Refused(504, ApiVerb.List, Maps, "", "resourceVersion=999999"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Stale_writer_gets_409_in_Kubernetes_words_and_the_latest_version_goes_through()
    {
        var old = Make("a");
        var latest = _api.Merge(Maps + "/a", """{"data":{"x":"1"}}""");
        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the " +
            "latest version and try again", _api.Refused(409, ApiVerb.Update, Maps + "/a", old.ToJsonString()));
        Assert.Contains("the object has been modified", _api.Refused(409, ApiVerb.Patch, Maps + "/a",
            $$$"""{"metadata":{"resourceVersion":"{{{old["metadata"]!["resourceVersion"]}}}"},"data":{"y":"1"}}""", "",
            "application/merge-patch+json"), StringComparison.Ordinal);
        _api.Update(Maps + "/a", latest);
    }

    [Fact]
    public void Custom_resources_are_selected_by_the_fields_that_their_definition_names()
    {
        _api.Create("apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"things.x.io"},"spec":{"group":"x.io","scope":"Namespaced","names":{"plural":"things","kind":"Thing"},
             "versions":[{"name":"v1","served":true,"storage":true,"selectableFields":[{"jsonPath":".spec.color"}],
             "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{
              "color":{"type":"string"},"size":{"type":"integer"}}}}}}}]}}
            """);
        const string Things = "x.io/v1/ns:default/things";
        _api.Create(Things, """{"metadata":{"name":"a"},"spec":{"color":"red"}}""");
        _api.Create(Things, """{"metadata":{"name":"b"},"spec":{"color":"blue"}}""");
        Assert.Equal("b", (string?)Assert.Single(_api.List(Things,
            "fieldSelector=spec.color=blue")["items"]!.AsArray())!["metadata"]!["name"]);
        Assert.Equal(["ADDED a"], _api.Drain(_api.Watch(Things, "fieldSelector=spec.color=red")));
        Assert.EndsWith("field label not supported: spec.size", _api.Refused(400, ApiVerb.List, Things, "", "fieldSelector=spec.size=1"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Generated_names_begin_with_the_prefix_and_differ()
    {
        var names = Enumerable.Range(0, 20).Select(_ =>
            (string)_api.Create(Maps, """{"metadata":{"generateName":"web-"}}""")["metadata"]!["name"]!).ToList();
        Assert.All(names, name => Assert.Matches("^web-[bcdfghjklmnpqrstvwxz2456789]{5}$", name));
        Assert.Equal(20, names.Distinct(StringComparer.Ordinal).Count());
        var longest = (string)_api.Create(Maps, $$$"""{"metadata":{"generateName":"{{{new string('a', 70)}}}"}}""")["metadata"]!["name"]!;
        Assert.Equal(63, longest.Length);
    }

    private JsonObject Make(string name) => _api.Create(Maps, $$$"""{"metadata":{"name":"{{{name}}}"}}""");

    private string Version() => _api.Store.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private string WatchRefusal(string query, int code)
    {
        var values = query.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        var request = new ApiRequest { Verb = ApiVerb.Watch, Resource = "configmaps", Namespace = "default", Query = values };
        Assert.False(_api.Store.TryOpenWatch(request, _api.Now, out _, out var error));
        Assert.Equal(code, error!.StatusCode);
        return (string)JsonNode.Parse(error.Body.Span)!["message"]!;
    }

    private List<JsonNode> Events(ApiWatch watch)
    {
        var events = new List<JsonNode>();
        while (watch.TryTake(out var line, _api.Now))
            events.Add(JsonNode.Parse(line.Span)!);
        return events;
    }
}
