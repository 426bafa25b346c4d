using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FerroLB.ApiServer.Store;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.World;
using Xunit;

namespace FerroLB.Tests.Lab;

public sealed class ApiLineTests : IApiReader
{
    private readonly VirtualWorld _world = new(4);
    private readonly ApiFront _api;
    private readonly ApiLine _line;
    private readonly List<NodeInput> _received = [];
    private long _nextId = 1;

    public ApiLineTests()
    {
        _api = new(_world);
        _line = _api.Connect("node", this);
    }

    void IApiReader.Receive(NodeInput input) => _received.Add(input);

    [Fact]
    public void A_request_is_answered_after_a_delay()
    {
        var id = Send(List());
        Assert.Empty(_received);
        Run(1);
        Assert.Equal((id, 200), Answer());
    }

    [Fact]
    public void A_watch_delivers_what_is_written_in_order_and_has_no_answer_of_its_own()
    {
        Send(Watch());
        Run(1);
        Assert.DoesNotContain(_received, input => input is NodeInput.KubeResponded);
        _received.Clear();
        _line.Faults = ApiFaults.None with { MostWatchDelay = TimeSpan.FromSeconds(2) };
        foreach (var name in new[] { "a", "b", "c", "d" })
            Create(name);
        Run(3);
        var names = _received.OfType<NodeInput.WatchEventReceived>().Select(line => Encoding.UTF8.GetString(line.Line.Span)).ToList();
        Assert.Equal(4, names.Count);
        Assert.All(
            names.Zip(["a", "b", "c", "d"]),
            pair => Assert.Contains($"\"name\":\"{pair.Second}\"", pair.First, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    public void A_refused_write_is_not_carried_out(int kind)
    {
        _line.Faults = ApiFaults.None with
        {
            ConflictChance = kind == 409 ? 1 : 0,
            TooManyChance = kind == 429 ? 1 : 0,
            ServerErrorChance = kind == 500 ? 1 : 0,
        };
        Send(Creation("x"));
        Run(1);
        Assert.Equal(kind, kind == 500 ? Answer().Code / 100 * 100 : Answer().Code);
        Assert.Equal(kind == 429 ? TimeSpan.FromSeconds(1) : null, ((NodeInput.KubeResponded)_received[0]).Response.RetryAfter);
        Assert.False(Exists("x"));
    }

    [Fact]
    public void A_lost_answer_leaves_the_write_carried_out()
    {
        _line.Faults = ApiFaults.None with { LostAnswerChance = 1 };
        Send(Creation("x"));
        Run(1);
        Assert.Equal(0, Answer().Code);
        Assert.True(Exists("x"));
    }

    [Fact]
    public void A_watch_from_a_version_that_is_gone_is_answered_with_410()
    {
        _line.Faults = ApiFaults.None with { GoneChance = 1 };
        Send(Watch());
        Run(1);
        Assert.Equal(410, Answer().Code);
    }

    [Fact]
    public void A_cut_watch_is_closed_and_delivers_nothing_more()
    {
        var id = Send(Watch());
        Run(1);
        _line.Faults = ApiFaults.None with { WatchCutChance = 1 };
        Run(2);
        Assert.Equal(id, Assert.IsType<NodeInput.WatchClosed>(_received[^1]).RequestId);
        _received.Clear();
        Create("x");
        Run(2);
        Assert.Empty(_received);
    }

    [Fact]
    public void A_watch_that_hangs_says_nothing_and_is_closed_in_the_end()
    {
        Send(Watch());
        Run(1);
        _received.Clear();
        _line.Faults = ApiFaults.None with { WatchHangChance = 1 };
        Run(2);
        Create("x");
        Run(10);
        Assert.Empty(_received);
        Run(20);
        Assert.IsType<NodeInput.WatchClosed>(Assert.Single(_received));
    }

    [Fact]
    public void A_server_that_is_away_refuses_requests_and_closes_watches()
    {
        Send(Watch());
        Run(1);
        _received.Clear();
        _api.GoAway();
        Send(List());
        Run(1);
        Assert.Contains(_received, input => input is NodeInput.WatchClosed);
        Assert.Equal(0, Answer().Code);
        _api.ComeBack(restarted: false);
        _received.Clear();
        Send(List());
        Run(1);
        Assert.Equal(200, Answer().Code);
    }

    [Fact]
    public void A_restarted_server_still_has_what_it_acknowledged()
    {
        Create("x");
        var version = _api.Store.ResourceVersion;
        _api.GoAway();
        _api.ComeBack(restarted: true);
        Assert.True(Exists("x"));
        Assert.True(_api.Store.ResourceVersion >= version);
        Assert.Equal(1, _api.Restarts);
    }

    [Fact]
    public void A_closed_line_delivers_nothing_that_was_under_way()
    {
        Send(List());
        _line.Close();
        Run(1);
        Assert.Empty(_received);
    }

    [Fact]
    public void A_cancelled_request_is_not_answered()
    {
        _line.Cancel(Send(List()));
        Run(1);
        Assert.Empty(_received);
    }

    [Fact]
    public void An_id_used_twice_is_a_violation()
    {
        _line.Send(List() with { Id = 7 });
        _line.Send(List() with { Id = 7 });
        Assert.Equal("api", _world.Violation!.Checker);
    }

    private long Send(KubeRequest request)
    {
        var id = _nextId++;
        _line.Send(request with { Id = id });
        return id;
    }

    private (long Id, int Code) Answer()
    {
        var response = Assert.Single(_received.OfType<NodeInput.KubeResponded>()).Response;
        return (response.Id, response.StatusCode);
    }

    private void Run(int seconds) => _world.RunUntil(_world.Now + TimeSpan.FromSeconds(seconds));

    private void Create(string name) =>
        _api.Do(new ApiRequest { Verb = ApiVerb.Create, Resource = "namespaces", Body = Body(name) }, "user");

    private bool Exists(string name) =>
        _api.Do(new ApiRequest { Verb = ApiVerb.Get, Resource = "namespaces", Name = name }, "user").StatusCode == 200;

    private static byte[] Body(string name) =>
        Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""");

    private static KubeRequest List() => new() { Id = 0, Verb = KubeVerb.List, Resource = KubeResource.Namespaces };

    private static KubeRequest Creation(string name) =>
        new() { Id = 0, Verb = KubeVerb.Create, Resource = KubeResource.Namespaces, Body = Body(name) };

    private KubeRequest Watch() => new()
    {
        Id = 0,
        Verb = KubeVerb.Watch,
        Resource = KubeResource.Namespaces,
        ResourceVersion = $"{_api.Store.ResourceVersion}",
        WatchTimeout = TimeSpan.FromMinutes(5),
    };
}
