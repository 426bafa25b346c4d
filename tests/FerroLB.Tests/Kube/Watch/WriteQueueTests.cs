using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Kube.Watch;

public sealed class WriteQueueTests
{
    private readonly WriteQueue _queue = new(new RequestIds(), mostInFlight: 2);
    private Instant _now = Instant.Zero;

    [Fact]
    public void Writes_leave_at_once_while_there_is_room_and_then_one_by_one()
    {
        Submit("a", "1");
        Submit("b", "1");
        Submit("c", "1");
        var sent = Sent();
        Assert.Equal(["a=1", "b=1"], sent.Select(Text));

        Answer(sent[0].Id, 200);
        Assert.Equal(["c=1"], Sent().Select(Text));
        Assert.Equal(2, _queue.InFlightCount);
    }

    [Fact]
    public void One_object_never_has_two_writes_in_flight_and_only_the_newest_wish_follows()
    {
        Submit("a", "1");
        var first = Sent().Single();
        Submit("a", "2");
        Submit("a", "3");
        Assert.Empty(Sent());

        Answer(first.Id, 200);
        Assert.Equal(["a=3"], Sent().Select(Text));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public void What_the_server_could_not_do_is_sent_again_after_a_back_off(int status)
    {
        Submit("a", "1");
        Answer(Sent().Single().Id, status);
        Assert.Empty(Sent());

        Wait(TimeSpan.FromMilliseconds(200));
        Answer(Sent().Single().Id, status);
        Wait(TimeSpan.FromMilliseconds(399));
        Assert.Empty(Sent());
        Wait(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["a=1"], Sent().Select(Text));
    }

    [Fact]
    public void Retry_after_is_obeyed_and_a_newer_wish_takes_the_place_of_the_failed_one()
    {
        Submit("a", "1");
        Answer(Sent().Single().Id, 429, TimeSpan.FromSeconds(7));
        Submit("a", "2");
        Wait(TimeSpan.FromSeconds(6));
        Assert.Empty(Sent());
        Wait(TimeSpan.FromSeconds(1));
        Assert.Equal(["a=2"], Sent().Select(Text));
    }

    [Fact]
    public void A_write_that_waits_for_its_back_off_does_not_hold_a_place()
    {
        Submit("a", "1");
        Submit("b", "1");
        foreach (var request in Sent())
            Answer(request.Id, 503);
        Submit("c", "1");
        Assert.Equal(["c=1"], Sent().Select(Text));
    }

    [Theory]
    [InlineData(200, WriteResult.Written)]
    [InlineData(201, WriteResult.Written)]
    [InlineData(404, WriteResult.Gone)]
    [InlineData(409, WriteResult.Conflicted)]
    [InlineData(403, WriteResult.Refused)]
    [InlineData(422, WriteResult.Refused)]
    public void The_node_is_told_how_a_write_ended(int status, WriteResult expected)
    {
        Submit("a", "1");
        var id = Sent().Single().Id;
        Answer(id, status);

        var complete = Assert.IsType<WriteOutput.Complete>(Assert.Single(Drain()));
        Assert.Equal(("a", expected), (complete.Target, complete.Result));
        Assert.Equal(id, complete.Response!.Id);
        Assert.True(_queue.IsIdle);
    }

    [Fact]
    public void Foreign_and_repeated_answers_are_ignored()
    {
        Submit("a", "1");
        var id = Sent().Single().Id;
        Answer(id + 1, 200);
        Answer(id, 200);
        Assert.Single(Drain());
        Answer(id, 200);
        Assert.Empty(Drain());
    }

    private void Submit(string target, string body) => _queue.Handle(
        new WriteInput.Submitted(target, new()
        {
            Id = 0,
            Verb = KubeVerb.Patch,
            Resource = KubeResource.Services,
            Name = target,
            Body = System.Text.Encoding.UTF8.GetBytes(body),
        }),
        _now);

    private void Answer(long id, int status, TimeSpan? retryAfter = null) =>
        _queue.Handle(new WriteInput.Responded(new(id, status, default, retryAfter)), _now);

    private void Wait(TimeSpan span) => _queue.Advance(_now += span);

    private List<WriteOutput> Drain()
    {
        var outputs = new List<WriteOutput>();
        while (_queue.TryTake(out var output))
            outputs.Add(output);
        return outputs;
    }

    private List<KubeRequest> Sent() => [.. Drain().OfType<WriteOutput.Send>().Select(s => s.Request)];

    private static string Text(KubeRequest request) => $"{request.Name}={System.Text.Encoding.UTF8.GetString(request.Body.Span)}";
}
