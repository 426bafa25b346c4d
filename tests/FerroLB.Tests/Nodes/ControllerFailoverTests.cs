using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Election;
using FerroLB.Core.Kube;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>
/// Two controllers and one Lease: who writes, what a standby does, and that no write of a deposed leader ever doubles an address.
/// </summary>
public sealed class ControllerFailoverTests
{
    private readonly ReplicaWorld _world = new();

    [Fact]
    public void Standby_keeps_its_pictures_and_writes_nothing()
    {
        var (a, b) = (_world.Start("a"), _world.Start("b"));
        _world.Pool("192.0.2.0/24").Service("web").Pass(60);
        Assert.True(a.Leads);
        Assert.False(b.Leads);
        Assert.Equal("192.0.2.0", _world.Addresses("web"));
        Assert.Empty(b.Writes);
        Assert.Single(b.Node.Snapshot.Config.Config.Pools);
        Assert.Equal(("1", "0"), (a.StatusMetric, b.StatusMetric));
        Assert.Equal(("a", "a"), (a.Node.Snapshot.Leadership.Holder, b.Node.Snapshot.Leadership.Holder));
    }

    [Fact]
    public void First_leader_marks_nothing_and_writes_once_per_service()
    {
        for (var i = 0; i < 20; i++)
            _world.Service($"s{i}");
        _world.Pool("192.0.2.0/24");
        var a = _world.Start("a");
        Assert.Equal(0, _world.Api.AcceptedMarks);
        Assert.Equal(20, a.Writes.Count(IsServiceStatus));
        Assert.Equal(1, a.Requests.Count(request => request.Verb == KubeVerb.List && request.Resource == KubeResource.Services));
    }

    [Fact]
    public void Stopping_leader_hands_over_without_any_time_passing()
    {
        var (a, b) = (_world.Start("a"), _world.Start("b"));
        _world.Pool("192.0.2.0/24").Service("web");
        a.Terminate();
        _world.Settle();
        Assert.True(a.IsDead);
        Assert.True(b.Leads);
        Assert.Equal("b", _world.Lease["spec"]!["holderIdentity"]!.ToString());
        Assert.Equal(1, _world.Lease["spec"]!["leaseTransitions"]!.GetValue<int>());
        Assert.Null(_world.Lease["metadata"]!["annotations"]?["ferrolb.io/released"]);
        _world.Service("next");
        Assert.Equal(("192.0.2.0", "192.0.2.1"), (_world.Addresses("web"), _world.Addresses("next")));
        Assert.Equal(0, _world.Api.AcceptedMarks);
    }

    [Fact]
    public void Killed_leader_is_followed_within_the_time_of_the_lease()
    {
        var (a, b) = (_world.Start("a"), _world.Start("b"));
        _world.Pool("192.0.2.0/24").Pass(20);
        a.Kill();
        _world.Service("web").Pass(12);
        Assert.False(b.Leads);
        Assert.Equal("", _world.Addresses("web"));
        _world.Pass(4);
        Assert.True(b.Leads);
        Assert.Equal("192.0.2.0", _world.Addresses("web"));
    }

    /// <summary>
    /// The old leader's writes lie somewhere when it dies, and arrive at every possible point of the new leader's start. The new leader
    /// gives the first Service's address to another one unless it hears of the write: the fence must decide which of the two it is.
    /// </summary>
    [Fact]
    public void Late_writes_of_a_killed_leader_never_double_an_address()
    {
        var (accepted, refusedBeside) = (0, 0);
        for (var arrival = 0; ; arrival++)
        {
            var world = new ReplicaWorld();
            var (a, b) = (world.Start("a"), world.Start("b"));
            world.Pool("192.0.2.0-192.0.2.4");
            a.Holds = IsServiceStatus;
            foreach (var name in new[] { "k", "l", "m" })
                world.Service(name);
            a.Kill();
            world.Service("aa").Service("ab");
            var (count, isDelivered, answers) = (0, false, 0);
            world.Arriving = (replica, request) =>
            {
                if (replica != b || request.Resource != KubeResource.Services || count++ != arrival)
                    return;
                isDelivered = true;
                answers = world.Deliver(a).Count(answer => answer.IsSuccess);
            };
            world.Pass(16);
            Assert.True(b.Leads);
            AssertEachHasOne(world, 5);
            if (!isDelivered)
            {
                Assert.All(world.Deliver(a), answer => Assert.Equal(409, answer.StatusCode));
                AssertEachHasOne(world.Settle(), 5);
                break;
            }
            accepted += answers;
            refusedBeside += answers == 0 && world.Addresses("aa") == "192.0.2.0" ? 1 : 0;
        }
        Assert.True(accepted > 0, "no late write was ever in time");
        Assert.True(refusedBeside > 0, "no late write ever named an address that another Service has");
    }

    [Fact]
    public void Late_move_of_an_address_never_doubles_it()
    {
        var (a, b) = (_world.Start("a"), _world.Start("b"));
        _world.Pool("192.0.2.0-192.0.2.1").Service("web");
        a.Holds = request => IsServiceStatus(request) && Body(request)["status"] is not null;
        _world.Service("web", requested: "192.0.2.1");
        Assert.NotNull(_world.Find("web")!["metadata"]!["annotations"]!["ferrolb.io/open"]);
        a.Kill();
        // The wish is taken back, so that the new leader sees a Service that has what it wants, and gives the other address away.
        _world.Api.Put(KubeResource.Services, Unasked(_world.Find("web")!));
        var stolen = Held(a);
        _world.Service("next").Pass(16);
        Assert.True(b.Leads);
        Assert.Equal(("192.0.2.0", "192.0.2.1"), (_world.Addresses("web"), _world.Addresses("next")));
        Assert.Contains("192.0.2.1", stolen, StringComparison.Ordinal);
        Assert.All(_world.Deliver(a), answer => Assert.Equal(409, answer.StatusCode));
        Assert.Empty(_world.Settle().Doubles());
        Assert.Null(_world.Find("web")!["metadata"]!["annotations"]!["ferrolb.io/open"]);
    }

    [Fact]
    public void Late_second_family_never_doubles_an_address()
    {
        var (a, b) = (_world.Start("a"), _world.Start("b"));
        _world.Pool("192.0.2.0-192.0.2.1");
        _world.Service("web", "", "PreferDualStack", "10.96.0.1", "fd00::1");
        Assert.Equal("192.0.2.0", _world.Addresses("web"));
        a.Holds = request => IsServiceStatus(request) && Body(request)["status"] is not null;
        _world.Api.Put(KubeResource.IpAddressPools, $$"""
            {"metadata":{"name":"six","namespace":"{{ReplicaWorld.System}}"},"spec":{"addresses":["2001:db8::1/128"]} }
            """);
        _world.Settle();
        Assert.NotNull(_world.Find("web")!["metadata"]!["annotations"]!["ferrolb.io/open"]);
        Assert.Contains("2001:db8::1", Held(a), StringComparison.Ordinal);
        a.Kill();
        _world.Service("aa", "", "", "fd00::2").Pass(16);
        Assert.True(b.Leads);
        Assert.All(_world.Deliver(a), answer => Assert.Equal(409, answer.StatusCode));
        Assert.Empty(_world.Settle().Doubles());
        Assert.Null(_world.Find("web")!["metadata"]!["annotations"]!["ferrolb.io/open"]);
    }

    [Fact]
    public void Stopping_leader_with_writes_under_way_says_so_and_is_fenced_at_once()
    {
        var (a, b) = (_world.Start("a"), _world.Start("b"));
        _world.Pool("192.0.2.0-192.0.2.1");
        a.Holds = IsServiceStatus;
        _world.Service("web");
        a.Terminate();
        _world.Pass(1.1).Service("aa");
        Assert.True(a.IsDead);
        Assert.True(b.Leads);
        Assert.Equal(FormerTerm.Unfinished.ToString(), b.Logs.Single(line => line.Message == "this controller leads").Fields[2].Value);
        Assert.True(_world.Api.AcceptedMarks > 0);
        Assert.All(_world.Deliver(a), answer => Assert.Equal(409, answer.StatusCode));
        AssertEachHasOne(_world.Settle(), 2);
    }

    [Fact]
    public void Paused_leader_wakes_up_deposed_and_decides_nothing()
    {
        var (a, b) = (_world.Start("a"), _world.Start("b"));
        _world.Pool("192.0.2.0-192.0.2.3").Service("web");
        a.IsPaused = true;
        _world.Service("aa").Pass(30);
        Assert.True(b.Leads);
        var writes = a.Writes.Count();
        a.IsPaused = false;
        _world.Settle();
        Assert.False(a.Leads);
        Assert.Equal(writes, a.Writes.Count());
        Assert.Empty(a.Node.Snapshot.Services);

        // It goes on as a standby, and leads again when its turn comes.
        b.Terminate();
        _world.Settle().Service("bb");
        Assert.True(a.Leads);
        AssertEachHasOne(_world, 3);
    }

    [Fact]
    public void Single_leader_that_is_cut_off_stops_at_the_deadline_and_goes_on_where_it_was()
    {
        var a = _world.Start("a");
        _world.Pool("192.0.2.0-192.0.2.3").Service("web").Pass(20);
        a.IsCutOff = true;
        _world.Pass(13);
        Assert.Equal(LeaderRole.Suspended, a.Node.Snapshot.Leadership.Role);
        Assert.Equal("0", a.StatusMetric);
        Assert.Single(a.Node.Snapshot.Services);
        _world.Pass(600);
        a.IsCutOff = false;
        _world.Api.CloseWatches();
        _world.Service("next").Pass(60);
        Assert.True(a.Leads);
        Assert.Equal("192.0.2.1", _world.Addresses("next"));
        Assert.Equal(0, _world.Lease["spec"]!["leaseTransitions"]!.GetValue<int>());
        Assert.Equal(0, _world.Api.AcceptedMarks);
        Assert.Single(a.Logs, line => line.Message == "this controller leads");
    }

    [Fact]
    public void Leader_that_is_cut_off_decides_nothing_after_its_deadline_and_is_followed()
    {
        var (a, b) = (_world.Start("a"), _world.Start("b"));
        _world.Pool("192.0.2.0-192.0.2.3").Service("web").Pass(20);
        a.IsCutOff = true;
        _world.Service("next").Pass(11);
        Assert.False(a.Leads);
        Assert.False(b.Leads);
        _world.Pass(6);
        Assert.True(b.Leads);
        Assert.Equal("192.0.2.1", _world.Addresses("next"));
        a.IsCutOff = false;
        _world.Api.CloseWatches();
        _world.Pass(60);
        Assert.Equal((LeaderRole.Standby, "b"), (a.Node.Snapshot.Leadership.Role, a.Node.Snapshot.Leadership.Holder));
        Assert.Single(a.Logs, line => line.Message == "this controller leads no more");
    }

    [Theory]
    [InlineData(-10_000)]
    [InlineData(10_000)]
    public void Clocks_that_disagree_do_no_harm(int minutes)
    {
        var a = _world.Start("a", TimeSpan.FromMinutes(minutes));
        var b = _world.Start("b");
        _world.Pass(100);
        Assert.True(a.Leads);
        Assert.False(b.Leads);
        a.Kill();
        _world.Pass(11);
        Assert.False(b.Leads);
        _world.Pass(5);
        Assert.True(b.Leads);
    }

    [Fact]
    public void Deleted_lease_is_made_again_by_its_leader_and_nobody_else()
    {
        var (a, b) = (_world.Start("a"), _world.Start("b"));
        _world.Api.Delete(KubeResource.Leases, ReplicaWorld.System, "ferrolb-controller");
        _world.Pass(60);
        Assert.True(a.Leads);
        Assert.False(b.Leads);
        Assert.Equal("a", _world.Lease["spec"]!["holderIdentity"]!.ToString());
    }

    /// <summary>
    /// Somebody deletes the Lease under a leader that stands still, and a new process starts that never saw it: the Services tell that
    /// there was a leader, and it gets the time to notice.
    /// </summary>
    [Fact]
    public void New_lease_beside_traces_of_a_leader_is_waited_for_and_fenced()
    {
        var a = _world.Start("a");
        _world.Pool("192.0.2.0-192.0.2.3").Service("web");
        a.Holds = IsServiceStatus;
        _world.Service("next");
        a.IsPaused = true;
        _world.Api.Delete(KubeResource.Leases, ReplicaWorld.System, "ferrolb-controller");
        var b = _world.Start("b");
        _world.Service("aa").Pass(14);
        Assert.True(b.Leads);
        Assert.False(b.Node.Snapshot.Leadership.IsOpen);
        Assert.Equal("", _world.Addresses("aa"));
        _world.Pass(2);
        Assert.True(b.Node.Snapshot.Leadership.IsOpen);
        Assert.All(_world.Deliver(a), answer => Assert.Equal(409, answer.StatusCode));
        a.IsPaused = false;
        AssertEachHasOne(_world.Pass(60), 3);
        Assert.False(a.Leads);
    }

    [Fact]
    public void Foreign_change_of_the_lease_costs_the_leader_one_conflict()
    {
        var a = _world.Start("a");
        var lease = _world.Lease.DeepClone();
        lease["metadata"]!["annotations"] = new JsonObject { ["note"] = "mine" };
        _world.Api.DeliversEvents = false;
        _world.Api.Put(KubeResource.Leases, lease.ToJsonString());
        _world.Pass(60);
        Assert.True(a.Leads);
        Assert.Single(a.Requests, request => request.Verb == KubeVerb.Get && request.Resource == KubeResource.Leases);
        Assert.Equal("mine", _world.Lease["metadata"]!["annotations"]!["note"]!.ToString());
    }

    [Fact]
    public void Lost_answer_to_the_taking_of_the_lease_is_found_out()
    {
        var isLost = false;
        _world.Api.Fault = request =>
        {
            if (isLost || request is not { Verb: KubeVerb.Create } || request.Resource != KubeResource.Leases)
                return null;
            isLost = true;
            _world.Api.Fault = null;
            _world.Api.Put(KubeResource.Leases, Body(request).ToJsonString());
            return new KubeResponse(request.Id, 0, default, null, "lost");
        };
        var a = _world.Start("a");
        _world.Pass(3);
        Assert.True(isLost);
        Assert.True(a.Leads);
        Assert.Equal(0, _world.Lease["spec"]!["leaseTransitions"]!.GetValue<int>());
    }

    [Fact]
    public void Three_replicas_and_a_chain_of_deaths_lose_and_double_nothing()
    {
        var replicas = new[] { "a", "b", "c" }.Select(name => _world.Start(name)).ToList();
        _world.Pool("192.0.2.0/24");
        for (var round = 0; round < 8; round++)
        {
            var leader = replicas.Single(replica => replica.Leads);
            leader.Holds = request => IsServiceStatus(request) && Body(request)["metadata"]!["resourceVersion"]!.ToString()[^1] % 2 == 0;
            for (var i = 0; i < 5; i++)
                _world.Service($"s{9 - round}-{i}");
            leader.Kill();
            replicas[replicas.IndexOf(leader)] = _world.Start($"{leader.Name}{round}");
            _world.Pass(round % 3 == 0 ? 15.3 : 17);
            _world.Deliver(leader);
            _world.Pass(3);
        }
        AssertEachHasOne(_world, 40);
    }

    private static void AssertEachHasOne(ReplicaWorld world, int count)
    {
        Assert.Empty(world.Doubles());
        Assert.Equal(count, world.Api.All(KubeResource.Services).Count());
        Assert.All(
            world.Api.All(KubeResource.Services),
            service => Assert.True(world.Addresses(service["metadata"]!["name"]!.ToString()).Length > 0, service.ToJsonString()));
    }

    private static bool IsServiceStatus(KubeRequest request) => request.Verb == KubeVerb.Patch && request.Resource == KubeResource.Services;

    private static JsonObject Body(KubeRequest request) => JsonNode.Parse(request.Body.Span)!.AsObject();

    private static string Held(ReplicaWorld.Replica replica) => string.Concat(replica.Held.Select(request => Body(request).ToJsonString()));

    private static string Unasked(JsonObject service)
    {
        var value = service.DeepClone().AsObject();
        value["metadata"]!["annotations"]!.AsObject().Remove("metallb.io/loadBalancerIPs");
        return value.ToJsonString();
    }
}
