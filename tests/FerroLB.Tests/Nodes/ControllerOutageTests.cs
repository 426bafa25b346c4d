using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>A controller whose API server is away or short of breath.</summary>
public sealed class ControllerOutageTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ControllerWorld _world = new();
    private readonly List<(Instant At, KubeRequest Request)> _attempts = [];

    [Fact]
    public void Server_away_for_an_hour_is_asked_seldom_and_meets_no_storm_when_it_is_back()
    {
        _world.Pool("a", "192.0.2.0/24");
        for (var i = 0; i < 100; i++)
            _world.Service($"held-{i}");
        _world.Start();
        var held = Enumerable.Range(0, 100).Select(i => _world.Addresses($"held-{i}")).ToList();
        GoAway();
        _world.Harness.Pass(Hour);
        var worst = _attempts.GroupBy(attempt => (int)(attempt.At - Instant.Zero).TotalMinutes).Skip(1).Max(minute => minute.Count());
        Assert.InRange(worst, 1, 6 * _attempts.Select(attempt => attempt.Request.Resource.Plural).Distinct().Count());
        for (var i = 0; i < 100; i++)
            _world.Api.Delete(KubeResource.Services, "shop", $"held-{i}");
        for (var i = 0; i < 100; i++)
            _world.Service($"new-{i}");
        ComeBack();
        _world.Harness.Pass(TimeSpan.FromSeconds(35));
        Assert.All(Enumerable.Range(0, 100), i => Assert.NotEqual("", _world.Addresses($"new-{i}")));
        Assert.All(held, address => Assert.NotEqual("", address));
        Assert.All(
            _world.Api.Requests.Where(request => request.Verb == KubeVerb.List)
                .GroupBy(request => $"{request.Resource.Plural} {request.FieldSelector}"),
            kind => Assert.Single(kind));
    }

    [Fact]
    public void Kinds_come_back_one_after_the_other()
    {
        _world.Pool("a", "192.0.2.0/24").Service("web").Start();
        GoAway();
        _world.Harness.Pass(TimeSpan.FromMinutes(10));
        _attempts.Clear();
        ComeBack();
        _world.Harness.Pass(TimeSpan.FromSeconds(35));
        var lists = _attempts.Where(attempt => attempt.Request.Verb == KubeVerb.List).ToList();
        Assert.Equal(_world.Api.OpenWatches, lists.Count);
        Assert.Equal(lists.Count, lists.Select(list => list.At).Distinct().Count());
    }

    [Fact]
    public void Event_waits_while_statuses_wait()
    {
        _world.Pool("a", "192.0.2.0/24");
        for (var i = 0; i < 200; i++)
            _world.Service($"web-{i}");
        _world.Start();
        var kinds = _world.Api.Requests
            .Where(request => request.Verb is KubeVerb.Patch or KubeVerb.Create && request.Resource.Plural is "services" or "events")
            .Select(request => request.Resource.Plural).ToList();
        Assert.Equal((200, 200), (kinds.Count(kind => kind == "services"), kinds.Count(kind => kind == "events")));
        // As long as statuses wait, one Event at a time is on its way, beside thirty-two of them.
        var last = kinds.Index().Where(item => item.Item == "services").ElementAt(150).Index;
        Assert.InRange(kinds.Take(last).Count(kind => kind == "events"), 0, 20);
    }

    private void GoAway()
    {
        _world.Api.Fault = request =>
        {
            _attempts.Add((_world.Harness.Now, request));
            return new KubeResponse(request.Id, 0, default, null, "connection refused");
        };
        _world.Api.CloseWatches();
        _world.Harness.Settle();
    }

    private void ComeBack()
    {
        _world.Api.Requests.Clear();
        // What changed meanwhile is too long ago to be told.
        var isExpired = new SortedSet<string>(StringComparer.Ordinal);
        _world.Api.Fault = request =>
        {
            _attempts.Add((_world.Harness.Now, request));
            var isFirst = request.Verb == KubeVerb.Watch && isExpired.Add($"{request.Resource.Plural} {request.FieldSelector}");
            return isFirst ? new KubeResponse(request.Id, 410, default) : null;
        };
    }
}
