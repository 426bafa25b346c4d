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

    [Theory]
    [InlineData(429)]
    [InlineData(0)]
    public void A_server_that_asks_for_time_or_is_away_holds_up_the_whole_queue_and_meets_one_write_first(int status)
    {
        var queue = new WriteQueue(new RequestIds(), mostInFlight: 8);
        var api = new QueueDriver(queue);
        api.Submit(40);
        Assert.Equal(8, api.Send(status, TimeSpan.FromSeconds(2)));
        Assert.Equal(0, api.Send(status, null));
        api.Pass(TimeSpan.FromSeconds(2));
        int[] rounds = [api.Send(200), api.Send(200), api.Send(200), api.Send(200), api.Send(200), api.Send(200), api.Send(200)];
        Assert.Equal([1, 2, 4, 8, 8, 8, 8], rounds);
    }

    [Fact]
    public void While_the_server_is_away_for_an_hour_one_write_is_tried_every_few_seconds_and_then_all_follow_at_once()
    {
        var queue = new WriteQueue(new RequestIds());
        var api = new QueueDriver(queue);
        api.Submit(1_000);
        var attempts = 0;
        for (var end = api.Now + TimeSpan.FromHours(1); api.Now < end; api.Pass(queue.NextDeadline!.Value - api.Now))
            attempts += api.Send(0);
        Assert.InRange(attempts, 700, 800);
        var written = 0;
        while (!queue.IsIdle)
        {
            var sent = api.Send(200);
            Assert.InRange(sent, 0, 32);
            written += sent;
            if (sent == 0)
                api.Pass(queue.NextDeadline!.Value - api.Now);
        }
        Assert.Equal(1_000, written);
        Assert.True(api.Now < Instant.Zero + TimeSpan.FromHours(1) + TimeSpan.FromSeconds(6));
    }

    [Fact]
    public void A_write_that_the_server_fails_to_carry_out_holds_up_no_other()
    {
        Submit("a", "1");
        Answer(Sent().Single().Id, 500);
        Submit("b", "1");
        Answer(Sent().Single().Id, 200);
        Submit("c", "1");
        Assert.Equal(["c=1"], Sent().Select(Text));
    }

    [Fact]
    public void A_wish_beyond_the_capacity_is_given_back_at_once()
    {
        var queue = new WriteQueue(new RequestIds(), mostInFlight: 1, capacity: 2);
        var api = new QueueDriver(queue);
        api.Submit(3);
        Assert.Equal(["2"], api.Overflowed);
        Assert.Equal((1, 1), (queue.InFlightCount, queue.ReadyCount));
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

    /// <summary>A server that answers everything in flight alike.</summary>
    private sealed class QueueDriver(WriteQueue queue)
    {
        public Instant Now { get; private set; } = Instant.Zero;

        public List<string> Overflowed { get; } = [];

        public void Submit(int count)
        {
            var request = new KubeRequest { Id = 0, Verb = KubeVerb.Patch, Resource = KubeResource.Services };
            for (var i = 0; i < count; i++)
                queue.Handle(new WriteInput.Submitted($"{i}", request), Now);
            Sent = Take();
        }

        public void Pass(TimeSpan time)
        {
            queue.Advance(Now += time);
            Sent.AddRange(Take());
        }

        /// <summary>Answers what was sent so far; how many those were.</summary>
        public int Send(int status, TimeSpan? retryAfter = null)
        {
            var sent = Sent;
            Sent = [];
            foreach (var id in sent)
                queue.Handle(new WriteInput.Responded(new(id, status, default, retryAfter)), Now);
            Sent = Take();
            return sent.Count;
        }

        private List<long> Sent { get; set; } = [];

        private List<long> Take()
        {
            var ids = new List<long>();
            while (queue.TryTake(out var output))
            {
                if (output is WriteOutput.Send send)
                    ids.Add(send.Request.Id);
                else if (output is WriteOutput.Complete { Result: WriteResult.Overflowed } over)
                    Overflowed.Add(over.Target);
            }
            return ids;
        }
    }
}
