using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

public sealed class ListsAndWatchesTests
{
    private const string Maps = "v1/ns:default/configmaps";
    private readonly TestApi _api = new();

    [Theory]
    [InlineData("app=web", "a b")]
    [InlineData("app==web,tier!=db", "a")]
    [InlineData("app in (web, api),tier", "a b c")]
    [InlineData("app notin (web)", "c d")]
    [InlineData("!app", "d")]
    [InlineData("n>5", "b")]
    [InlineData("n<5", "a")]
    [InlineData("", "a b c d")]
    public void Label_selector_selects(string selector, string names)
    {
        Make("a", """{"app":"web","tier":"front","n":"1"}""");
        Make("b", """{"app":"web","tier":"db","n":"9"}""");
        Make("c", """{"app":"api","tier":"x"}""");
        Make("d", "{}");
        Assert.Equal(names, string.Join(' ', Names(List("labelSelector", selector))));
    }

    [Theory]
    [InlineData("labelSelector", "a in b")]
    [InlineData("labelSelector", "-x=1")]
    [InlineData("fieldSelector", "data.x=1")]
    [InlineData("continue", "zzz")]
    public void Bad_selector_is_refused(string key, string value) => _api.Refused(400, ApiVerb.List, Maps, "", $"{key}={value}");

    [Fact]
    public void Field_selector_selects()
    {
        Make("a", "{}");
        Make("b", "{}");
        Assert.Equal(["b"], Names(List("fieldSelector", "metadata.name=b")));
        Assert.Equal(["a"], Names(List("fieldSelector", "metadata.name!=b,metadata.namespace=default")));
    }

    [Fact]
    public void Pages_show_one_moment()
    {
        for (var i = 0; i < 5; i++)
            Make("m" + i, "{}");
        var first = _api.List(Maps, "limit=2");
        Assert.Equal(3, (int)first["metadata"]!["remainingItemCount"]!);
        _api.Delete(Maps + "/m3");
        Make("m9", "{}");
        var second = _api.List(Maps, $"limit=2&continue={first["metadata"]!["continue"]}");
        var third = _api.List(Maps, $"limit=2&continue={second["metadata"]!["continue"]}");
        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], [.. Names(first), .. Names(second), .. Names(third)]);
        Assert.Null(third["metadata"]!["continue"]);
        Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)third["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public void Forgotten_page_is_answered_with_gone()
    {
        var api = new TestApi(new ApiStoreOptions { ListSnapshots = 1 });
        var token = (string)api.List("v1/namespaces", "limit=1")["metadata"]!["continue"]!;
        api.List("v1/namespaces", "limit=2");
        api.Refused(410, ApiVerb.List, "v1/namespaces", "", "continue=" + token);
    }

    [Fact]
    public void List_of_a_version_to_come_is_told_to_wait() =>
        Assert.StartsWith("Timeout: Too large resource version", _api.Refused(504, ApiVerb.List, Maps, "", "resourceVersion=99999"),
            StringComparison.Ordinal);

    [Fact]
    public void Watch_shows_what_is_there_and_then_the_changes()
    {
        Make("a", "{}");
        var watch = _api.Watch(Maps);
        Make("b", "{}");
        _api.Merge(Maps + "/a", """{"data":{"k":"v"}}""");
        _api.Delete(Maps + "/b");
        Assert.Equal(["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"], _api.Drain(watch));
    }

    [Fact]
    public void Watch_from_a_version_continues_there()
    {
        Make("a", "{}");
        var version = _api.Store.ResourceVersion;
        Make("b", "{}");
        Assert.Equal(["ADDED b"], _api.Drain(_api.Watch(Maps, $"resourceVersion={version}")));
    }

    [Fact]
    public void Object_that_leaves_the_selection_is_deleted_for_the_watcher()
    {
        Make("a", """{"app":"x"}""");
        var watch = _api.Watch(Maps, "labelSelector=app=x");
        Assert.Equal(["ADDED a"], _api.Drain(watch));
        _api.Merge(Maps + "/a", """{"metadata":{"labels":{"app":"y"}}}""");
        _api.Merge(Maps + "/a", """{"data":{"k":"v"}}""");
        _api.Merge(Maps + "/a", """{"metadata":{"labels":{"app":"x"}}}""");
        Assert.Equal(["DELETED a", "ADDED a"], _api.Drain(watch));
    }

    [Fact]
    public void Watch_streams_the_list_and_marks_its_end()
    {
        Make("a", "{}");
        var watch = _api.Watch(Maps, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        Assert.True(watch.TryTake(out _, _api.Now));
        Assert.True(watch.TryTake(out var line, _api.Now));
        var bookmark = JsonNode.Parse(line.Span)!;
        Assert.Equal("BOOKMARK", (string?)bookmark["type"]);
        Assert.Equal("true", (string?)bookmark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        Assert.Equal(_api.Store.ResourceVersion.ToString(), (string?)bookmark["object"]!["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public void Idle_watch_gets_bookmarks_and_ends_in_time()
    {
        var watch = _api.Watch(Maps, "allowWatchBookmarks=true&timeoutSeconds=100");
        Assert.Empty(_api.Drain(watch));
        _api.Now += TimeSpan.FromSeconds(61);
        Assert.Equal(["BOOKMARK"], _api.Drain(watch));
        Assert.False(watch.Closed);
        _api.Now += TimeSpan.FromSeconds(50);
        _api.Drain(watch);
        Assert.True(watch.Closed);
    }

    [Fact]
    public void Watch_behind_the_history_is_told_gone_and_ends()
    {
        var api = new TestApi(new ApiStoreOptions { HistoryEvents = 4 });
        var open = api.Watch(Maps, "resourceVersion=" + api.Store.ResourceVersion);
        for (var i = 0; i < 5; i++)
            api.Create(Maps, $$$"""{"metadata":{"name":"m{{{i}}}"}}""");
        foreach (var watch in (ApiWatch[])[open, api.Watch(Maps, "resourceVersion=2")])
        {
            Assert.True(watch.TryTake(out var line, api.Now));
            var error = JsonNode.Parse(line.Span)!;
            Assert.Equal("ERROR", (string?)error["type"]);
            Assert.Equal(410, (int)error["object"]!["code"]!);
            Assert.Equal("Expired", (string?)error["object"]!["reason"]);
            Assert.True(watch.Closed);
        }
    }

    [Fact]
    public void Collection_is_deleted_by_selector()
    {
        Make("a", """{"app":"x"}""");
        Make("b", """{"app":"y"}""");
        _api.Call(ApiVerb.DeleteCollection, Maps, "", "labelSelector=app=x");
        Assert.Equal(["b"], Names(_api.List(Maps)));
    }

    private void Make(string name, string labels) => _api.Create(Maps, $$$"""{"metadata":{"name":"{{{name}}}","labels":{{{labels}}}}}""");

    private JsonObject List(string key, string value)
    {
        var response = _api.Store.Handle(
            new ApiRequest
            {
                Verb = ApiVerb.List,
                Resource = "configmaps",
                Namespace = "default",
                Query = new SortedDictionary<string, string> { [key] = value },
            },
            _api.Now);
        return JsonNode.Parse(response.Body.Span)!.AsObject();
    }

    private static string[] Names(JsonObject list) => [.. list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];
}
