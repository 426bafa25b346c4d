using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FerroLB.Core;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Kube.Watch;

/// <summary>What a client of the Kubernetes API must do, as far as it can be told without a network.</summary>
public sealed class ReflectorMachineTests
{
    private readonly ReflectorMachine<Namespace> _reflector =
        new(KubeKinds.Namespaces, new ReflectorOptions(), new RequestIds(), new StringTable(), new SeededRandom(7));

    private readonly List<string> _told = [];
    private readonly List<string> _logged = [];
    private Instant _now = Instant.Zero;
    private KubeRequest _request = null!;
    private long _cancelled;

    public ReflectorMachineTests() => Advance();

    [Fact]
    public void First_a_list_in_pages_then_a_watch_from_its_version()
    {
        Assert.Equal((KubeVerb.List, 500, null), (_request.Verb, _request.PageSize, _request.Continue));
        Assert.Null(_request.ResourceVersion);
        List("5", ["a=1", "b=2"], next: "token");
        Assert.Equal((KubeVerb.List, "token"), (_request.Verb, _request.Continue));
        Assert.Empty(_told);
        Assert.False(_reflector.IsSynced);
        List("7", ["c=3"]);
        Assert.Equal(["+a", "+b", "+c", "synced"], _told);
        Assert.Equal((KubeVerb.Watch, "7"), (_request.Verb, _request.ResourceVersion));
        Assert.InRange(_request.WatchTimeout, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Events_change_the_picture_and_move_the_version_on()
    {
        Sync();
        Line("ADDED", "b", "8");
        Line("MODIFIED", "a", "9");
        Line("DELETED", "a", "10");
        Assert.Equal(["+b", "~a", "-a"], _told);
        Reopen();
        Assert.Equal("10", _request.ResourceVersion);
    }

    [Fact]
    public void Bookmark_moves_the_version_on_and_is_told_to_nobody()
    {
        Sync();
        Raw("""{"type":"BOOKMARK","object":{"kind":"Namespace","metadata":{"resourceVersion":"99"}}}""");
        Assert.Empty(_told);
        Reopen();
        Assert.Equal("99", _request.ResourceVersion);
    }

    [Fact]
    public void Versions_are_compared_for_equality_only()
    {
        Sync();
        Line("MODIFIED", "a", "zebra");
        Line("MODIFIED", "a", "zebra");
        Line("MODIFIED", "a", "apple");
        Assert.Equal(["~a", "~a"], _told);
        Reopen();
        Assert.Equal("apple", _request.ResourceVersion);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gone_leads_to_a_new_list_that_finds_what_was_missed(bool asLine)
    {
        Sync();
        Line("ADDED", "b", "8");
        _told.Clear();
        var watch = _request.Id;
        if (asLine)
            Raw("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""");
        else
            Answer(410, """{"kind":"Status","code":410,"reason":"Expired"}""");
        Assert.Equal(asLine ? watch : 0, _cancelled);
        Assert.Equal((KubeVerb.List, null), (_request.Verb, _request.ResourceVersion));
        List("20", ["b=8", "c=15"]);
        Assert.Equal(["-a", "+c"], _told);
        Assert.Equal("20", _request.ResourceVersion);
        Assert.Empty(_logged.Where(line => line.StartsWith("cannot", StringComparison.Ordinal)));
    }

    [Fact]
    public void Gone_again_and_again_is_not_answered_at_once()
    {
        Sync();
        Answer(410, "");
        List("20", ["a=1"]);
        var list = _request.Id;
        Answer(410, "");
        Assert.Equal(list, _request.Id);
        Pass(TimeSpan.FromSeconds(10));
        Assert.NotEqual(list, _request.Id);
    }

    [Fact]
    public void Expired_page_token_starts_the_list_again_from_its_first_page()
    {
        List("5", ["a=1"], next: "token");
        Answer(410, """{"kind":"Status","code":410,"reason":"Expired","metadata":{"continue":"inconsistent"}}""");
        Assert.Equal((KubeVerb.List, null), (_request.Verb, _request.Continue));
        List("6", ["b=2"]);
        Assert.Equal(["+b", "synced"], _told);
    }

    [Fact]
    public void Failure_between_two_pages_leaves_the_picture_as_it_was()
    {
        Sync();
        Answer(410, "");
        List("20", ["x=1"], next: "token");
        Answer(503, "");
        Assert.Empty(_told);
        Assert.NotNull(_reflector.Find(new ObjectKey("", "a")));
        Pass(TimeSpan.FromSeconds(10));
        Assert.Null(_request.Continue);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"metadata":{},"items":[]}""")]
    [InlineData("""{"metadata":{"resourceVersion":"5"}}""")]
    [InlineData("""{"kind":"Status","metadata":{"resourceVersion":"5"},"items":{}}""")]
    public void Body_that_is_no_complete_list_is_never_taken_for_an_empty_one(string body)
    {
        Sync();
        Answer(410, "");
        Answer(200, body);
        Assert.Empty(_told);
        Assert.Single(_reflector.Objects);
    }

    [Fact]
    public void Waits_grow_from_below_a_second_to_at_most_half_a_minute_and_one_line_says_so()
    {
        var waits = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            var before = _request.Id;
            var start = _now;
            Fail("connection refused");
            while (_request.Id == before)
                Pass(TimeSpan.FromMilliseconds(100));
            waits.Add((_now - start).TotalSeconds);
        }
        Assert.InRange(waits[0], 0.4, 0.91);
        Assert.All(waits, wait => Assert.InRange(wait, 0.4, 30.1));
        Assert.InRange(waits[^1], 15, 30.1);
        Assert.True(waits.Distinct().Count() > 6, "the waits must differ by chance");
        Assert.Equal(["cannot read from the API server; what is known stays in use, and attempts go on"], _logged);
        List("5", []);
        Assert.Equal("the API server answers again", _logged[1]);
    }

    [Fact]
    public void Long_wait_is_cut_short_when_the_server_answered_somebody_else()
    {
        for (var i = 0; i < 8; i++)
        {
            Fail("refused");
            Pass(TimeSpan.FromMinutes(1));
        }
        Fail("refused");
        var before = _request.Id;
        _reflector.Hasten(_now);
        Pass(TimeSpan.FromSeconds(1.1));
        Assert.NotEqual(before, _request.Id);
        Answer(429, "", TimeSpan.FromSeconds(20));
        before = _request.Id;
        _reflector.Hasten(_now);
        Pass(TimeSpan.FromSeconds(19));
        Assert.Equal(before, _request.Id);
    }

    [Fact]
    public void Retry_after_is_obeyed()
    {
        Answer(429, "", TimeSpan.FromSeconds(20));
        var before = _request.Id;
        Pass(TimeSpan.FromSeconds(19.9));
        Assert.Equal(before, _request.Id);
        Pass(TimeSpan.FromSeconds(21));
        Assert.NotEqual(before, _request.Id);
    }

    [Fact]
    public void Back_off_starts_anew_after_two_good_minutes()
    {
        for (var i = 0; i < 8; i++)
        {
            Fail("refused");
            Pass(TimeSpan.FromMinutes(1));
        }
        List("5", ["a=1"]);
        Pass(TimeSpan.FromMinutes(3));
        Line("MODIFIED", "a", "6");
        Raw("""{"type":"ERROR","object":{"kind":"Status","code":500,"message":"oops"}}""");
        var before = _request.Id;
        Pass(TimeSpan.FromSeconds(1.7));
        Assert.NotEqual(before, _request.Id);
        Assert.Equal((KubeVerb.Watch, "6"), (_request.Verb, _request.ResourceVersion));
    }

    [Fact]
    public void Watch_that_could_not_be_opened_is_tried_again_from_the_same_version()
    {
        Sync();
        Fail("reset");
        Pass(TimeSpan.FromSeconds(2));
        Assert.Equal((KubeVerb.Watch, "7"), (_request.Verb, _request.ResourceVersion));
        Assert.Single(_reflector.Objects);
    }

    [Fact]
    public void Watch_that_is_closed_at_once_is_not_reopened_in_a_loop()
    {
        Sync();
        var before = _request.Id;
        _reflector.Handle(new ReflectorInput.WatchClosed(_request.Id, "eof"), _now);
        Drain();
        Assert.Equal(before, _request.Id);
        Pass(TimeSpan.FromSeconds(2));
        Assert.NotEqual(before, _request.Id);
    }

    [Fact]
    public void Silent_list_and_silent_watch_are_given_up()
    {
        var list = _request.Id;
        Pass(TimeSpan.FromSeconds(70));
        Assert.Equal(list, _cancelled);
        Pass(TimeSpan.FromSeconds(2));
        Sync();
        var watch = _request.Id;
        Pass(_request.WatchTimeout + TimeSpan.FromSeconds(31));
        Assert.Equal(watch, _cancelled);
        Assert.Equal((KubeVerb.Watch, "7"), (_request.Verb, _request.ResourceVersion));
    }

    [Fact]
    public void Late_answers_of_requests_that_were_given_up_mean_nothing()
    {
        var late = _request.Id;
        Pass(TimeSpan.FromSeconds(70));
        _reflector.Handle(new ReflectorInput.Responded(new KubeResponse(late, 200, Page("5", ["ghost=1"]))), _now);
        Drain();
        Assert.Empty(_told);
    }

    [Fact]
    public void Ill_typed_object_loses_neither_its_neighbours_nor_its_last_form()
    {
        Sync();
        Raw("""{"type":"MODIFIED","object":{"metadata":{"name":"a","resourceVersion":"8","labels":{"x":5}}}}""");
        Assert.Equal(["!a metadata.labels[x] must be a string, found a number"], _told);
        Assert.Equal("1", _reflector.Find(new ObjectKey("", "a"))!.Metadata.ResourceVersion);
        Line("ADDED", "b", "9");
        Reopen();
        Assert.Equal("9", _request.ResourceVersion);
        Answer(410, "");
        _told.Clear();
        Answer(200,
            """
            {"metadata":{"resourceVersion":"30"},
             "items":[{"metadata":{"name":"a","labels":7}},{"metadata":{"name":"c","resourceVersion":"3"}}]}
            """);
        Assert.Equal(["-b", "+c", "!a metadata.labels must be an object, found a number"], _told);
        Assert.NotNull(_reflector.Find(new ObjectKey("", "a")));
        _told.Clear();
        Line("DELETED", "a", "31");
        Assert.Equal(["-a"], _told);
        Assert.Empty(_reflector.Faults);
    }

    [Fact]
    public void Garbage_on_a_watch_leads_to_a_new_list()
    {
        Sync();
        Raw("{\"type\":\"MODI");
        Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(KubeVerb.List, _request.Verb);
    }

    [Fact]
    public void Own_write_is_pictured_at_once_and_older_events_do_not_step_back()
    {
        Sync();
        _reflector.Absorb(Object("a", "9"), basedOn: "1");
        Line("MODIFIED", "a", "8");
        Assert.Equal("9", _reflector.Find(new ObjectKey("", "a"))!.Metadata.ResourceVersion);
        Line("MODIFIED", "a", "9");
        Line("MODIFIED", "a", "10");
        Assert.Equal(["~a", "~a"], _told);
        Assert.Equal("10", _reflector.Find(new ObjectKey("", "a"))!.Metadata.ResourceVersion);
        _reflector.Absorb(Object("a", "9"), basedOn: "1");
        Assert.Equal("10", _reflector.Find(new ObjectKey("", "a"))!.Metadata.ResourceVersion);
    }

    [Theory]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"a","resourceVersion":"9"}}}""", true)]
    [InlineData("""
        {"type":"MODIFIED","object":{"kind":"Namespace","spec":{"metadata":{"name":"x","resourceVersion":"1"}},
        "metadata":{"labels":{"name":"z"},"resourceVersion":"9","ownerReferences":[{"name":"y"}],"name":"a"},"status":{}}}
        """, true)]
    [InlineData("""{"object":{"metadata":{"name":"a","resourceVersion":"9"}},"type":"MODIFIED"}""", true)]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"a","resourceVersion":"10"}}}""", false)]
    [InlineData("""{"type":"DELETED","object":{"metadata":{"name":"a","resourceVersion":"9"}}}""", false)]
    public void Line_about_the_own_write_tells_nothing_and_moves_the_version_on(string line, bool isOwn)
    {
        Sync();
        _reflector.Absorb(Object("a", "9"), basedOn: "1");
        Line("ADDED", "b", "8");
        _told.Clear();
        Raw(line);
        // One more version of the object: passed over as long as the own write has not come back.
        Line("MODIFIED", "a", "11");
        Assert.Equal(isOwn, _told.Contains("~a"));
        Reopen();
        Assert.Equal("11", _request.ResourceVersion);
    }

    [Fact]
    public void Answer_about_an_object_that_was_made_anew_outlives_the_late_end_of_the_one_before()
    {
        Sync();
        _reflector.Absorb(Object("a", "9", "second"), basedOn: "1");
        Line("MODIFIED", "a", "7", "first");
        Line("DELETED", "a", "7", "first");
        Line("ADDED", "a", "8", "second");
        Assert.Equal("9", _reflector.Find(new ObjectKey("", "a"))!.Metadata.ResourceVersion);
        Assert.Equal(["~a"], _told);
        Line("DELETED", "a", "10", "second");
        Assert.Equal(["~a", "-a"], _told);
    }

    [Fact]
    public void Api_server_away_for_an_hour_changes_nothing()
    {
        Sync();
        Fail("reset");
        for (var i = 0; i < 3600; i++)
        {
            var before = _request.Id;
            Pass(TimeSpan.FromSeconds(1));
            if (_request.Id != before)
                Fail("refused");
        }
        Assert.Empty(_told);
        Assert.Single(_reflector.Objects);
        Assert.Single(_logged, line => line.StartsWith("cannot", StringComparison.Ordinal));
    }

    private void Sync()
    {
        List("7", ["a=1"]);
        _told.Clear();
    }

    private void Reopen()
    {
        Pass(TimeSpan.FromSeconds(2));
        _reflector.Handle(new ReflectorInput.WatchClosed(_request.Id, ""), _now);
        Drain();
    }

    private void List(string version, string[] items, string next = "") => Answer(200, Encoding.UTF8.GetString(Page(version, items, next)));

    private static byte[] Page(string version, string[] items, string next = "")
    {
        var objects = items.Select(item => item.Split('='))
            .Select(parts => $$"""{"metadata":{"name":"{{parts[0]}}","resourceVersion":"{{parts[1]}}"} }""");
        return Encoding.UTF8.GetBytes(
            $$"""{"metadata":{"resourceVersion":"{{version}}","continue":"{{next}}"},"items":[{{string.Join(',', objects)}}]}""");
    }

    private static Namespace Object(string name, string version, string? uid = null) =>
        new() { Metadata = new ObjectMeta { Name = name, ResourceVersion = version, Uid = uid } };

    private void Answer(int status, string body, TimeSpan? retryAfter = null)
    {
        var response = new KubeResponse(_request.Id, status, Encoding.UTF8.GetBytes(body), retryAfter);
        _reflector.Handle(new ReflectorInput.Responded(response), _now);
        Drain();
    }

    private void Fail(string why)
    {
        _reflector.Handle(new ReflectorInput.Responded(new KubeResponse(_request.Id, 0, default, null, why)), _now);
        Drain();
    }

    private void Line(string type, string name, string version, string uid = "") =>
        Raw($$"""{"type":"{{type}}","object":{"metadata":{"name":"{{name}}","uid":"{{uid}}","resourceVersion":"{{version}}"} } }""");

    private void Raw(string line)
    {
        _reflector.Handle(new ReflectorInput.LineReceived(_request.Id, Encoding.UTF8.GetBytes(line)), _now);
        Drain();
    }

    private void Pass(TimeSpan time)
    {
        _now += time;
        Advance();
    }

    private void Advance()
    {
        _reflector.Advance(_now);
        Drain();
    }

    private void Drain()
    {
        while (_reflector.TryTake(out var output))
        {
            switch (output)
            {
                case ReflectorOutput<Namespace>.SendRequest send: _request = send.Request; break;
                case ReflectorOutput<Namespace>.CancelRequest cancel: _cancelled = cancel.RequestId; break;
                case ReflectorOutput<Namespace>.Synced: _told.Add("synced"); break;
                case ReflectorOutput<Namespace>.Faulted { Fault: var fault }:
                    _told.Add($"!{fault.Key} {fault.Path} {fault.Problem}");
                    break;
                case ReflectorOutput<Namespace>.WriteLog { Event: var line }: _logged.Add(line.Message); break;
                case ReflectorOutput<Namespace>.Changed changed:
                    _told.Add((changed.Before is null ? "+" : changed.After is null ? "-" : "~") + changed.Key);
                    break;
            }
        }
    }
}
