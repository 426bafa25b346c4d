using System;
using System.Text.Json;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using Xunit;

namespace FerroLB.Tests.Nodes;

public sealed class EventRecorderTests
{
    private static readonly DateTimeOffset Utc = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ObjectReference Web = new(KubeResource.Services, new("shop", "web"), "uid-1", "17");

    private readonly EventRecorder _recorder = new("metallb-controller", "node-1", new(1));

    [Fact]
    public void An_event_names_its_object_and_its_source()
    {
        var submitted = _recorder.Record(Web, false, "IPAllocated", "Assigned IP [\"192.0.2.1\"]", Utc);

        Assert.NotNull(submitted);
        Assert.Equal(KubeVerb.Create, submitted.Request.Verb);
        Assert.Equal("shop", submitted.Request.Namespace);
        using var json = JsonDocument.Parse(submitted.Request.Body);
        var root = json.RootElement;
        Assert.Equal("IPAllocated", root.GetProperty("reason").GetString());
        Assert.Equal("Normal", root.GetProperty("type").GetString());
        Assert.Equal("uid-1", root.GetProperty("involvedObject").GetProperty("uid").GetString());
        Assert.Equal("Service", root.GetProperty("involvedObject").GetProperty("kind").GetString());
        Assert.Equal("metallb-controller", root.GetProperty("source").GetProperty("component").GetString());
        Assert.Equal("2026-01-02T03:04:05Z", root.GetProperty("lastTimestamp").GetString());
        Assert.StartsWith("web.", root.GetProperty("metadata").GetProperty("name").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_thing_twice_in_a_row_is_one_event_and_something_else_between_makes_it_news_again()
    {
        Assert.NotNull(_recorder.Record(Web, true, "AllocationFailed", "pool full", Utc));
        Assert.Null(_recorder.Record(Web, true, "AllocationFailed", "pool full", Utc));
        Assert.NotNull(_recorder.Record(Web, false, "IPAllocated", "192.0.2.1", Utc));
        Assert.NotNull(_recorder.Record(Web, true, "AllocationFailed", "pool full", Utc));
    }

    [Fact]
    public void A_recreated_object_of_the_same_name_is_another_one()
    {
        Assert.NotNull(_recorder.Record(Web, true, "AllocationFailed", "pool full", Utc));
        Assert.NotNull(_recorder.Record(Web with { Uid = "uid-2" }, true, "AllocationFailed", "pool full", Utc));
    }

    [Fact]
    public void Events_of_cluster_scoped_objects_live_in_the_default_namespace()
    {
        var submitted = _recorder.Record(new(KubeResource.Nodes, new("", "node-1"), null, null), true, "Reason", "message", Utc);
        Assert.Equal("default", submitted!.Request.Namespace);
    }
}
