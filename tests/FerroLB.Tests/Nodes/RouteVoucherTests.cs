using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>Which of several nodes says on a Service that it is advertised by BGP.</summary>
public sealed class RouteVoucherTests
{
    private static readonly ObjectKey Web = new("shop", "web");
    private static readonly SpeakerDuty Three = new(["a", "b", "c"]);
    private static readonly string[] Order = [.. new[] { "a", "b", "c" }.OrderBy(node => Three.RankOf(node, Web))];
    private static readonly Statement Down = new(false, "NoPeerUp", "the router is away");

    [Fact]
    public void While_nobody_vouches_those_with_a_session_do_one_after_the_other_and_the_first_says_it_when_none_does()
    {
        Assert.Equal(Three.SpeakerOf(Web), Order[0]);
        Assert.Equal((Up(Order[0]), TimeSpan.Zero), Speak(Order[0], null, Up(Order[0])));
        Assert.Equal((Up(Order[1]), RouteVoucher.Step), Speak(Order[1], null, Up(Order[1])));
        Assert.Equal((Up(Order[2]), 2 * RouteVoucher.Step), Speak(Order[2], null, Up(Order[2])));
        Assert.Equal((Down, RouteVoucher.Patience), Speak(Order[0], null, Down));
        Assert.Null(Speak(Order[1], null, Down));
        Assert.Equal((Up(Order[1]), RouteVoucher.Step), Speak(Order[1], Said(Down), Up(Order[1])));
    }

    [Fact]
    public void All_others_leave_a_Service_to_the_node_that_vouches_for_it()
    {
        Assert.Null(Speak("a", Said(Up("b")), Up("a")));
        Assert.Null(Speak("a", Said(Up("b")), Down));
        Assert.Equal((Up("b"), TimeSpan.Zero), Speak("b", Said(Up("b")), Up("b")));
    }

    [Fact]
    public void A_node_that_vouched_and_has_no_session_any_more_says_so_without_turning_the_status()
    {
        var (words, wait) = Speak("b", Said(Up("b")), Down)!.Value;
        Assert.Equal(("True Announced", TimeSpan.Zero), ($"{words.Holds} {words.Reason}", wait));
        Assert.Contains("node b", words.Message, StringComparison.Ordinal);
        Assert.Contains(Down.Message, words.Message, StringComparison.Ordinal);
        Assert.Equal(Up(Order[0]), Speak(Order[0], Said(words), Up(Order[0]))?.Statement);
    }

    [Fact]
    public void A_node_that_is_alone_says_that_its_sessions_are_down()
    {
        var alone = new SpeakerDuty(["a"]);
        var second = TimeSpan.FromSeconds(1);
        Assert.Equal((Down, second), RouteVoucher.Speak("a", Web, alone, Said(Up("a")), Down));
        Assert.Equal((Down, second), RouteVoucher.Speak("a", Web, alone, null, Down));
    }

    [Fact]
    public void The_word_of_a_node_that_is_gone_is_nobodys()
    {
        Assert.Equal(Up(Order[0]), Speak(Order[0], Said(Up("dead")), Up(Order[0]))?.Statement);
    }

    [Fact]
    public void In_a_large_cluster_the_last_waits_half_a_minute_at_most()
    {
        var many = new SpeakerDuty(Enumerable.Range(0, 1000).Select(i => $"node-{i}"));
        var waits = many.Living.Select(node => RouteVoucher.Speak(node, Web, many, null, Up(node))!.Value.Patience).ToList();
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(30)), (waits.Min(), waits.Max()));
    }

    /// <summary>Nodes whose sessions come and go at random, each acting on what it sees after its wait, as the speaker does.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_sessions_do_the_Service_says_the_truth_in_the_end_and_nobody_writes_any_more(ulong seed)
    {
        var random = new SeededRandom(seed);
        for (var round = 0; round < 50; round++)
        {
            string[] nodes = [.. Enumerable.Range(0, 1 + random.Next(6)).Select(i => $"node-{i}")];
            var duty = new SpeakerDuty(nodes);
            var up = new SortedSet<string>(nodes.Where(_ => random.Next(2) == 0), StringComparer.Ordinal);
            ObjectCondition? said = null;
            var due = new SortedDictionary<string, (Statement Words, TimeSpan At)>(StringComparer.Ordinal);
            var writes = 0;
            for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(120); now += TimeSpan.FromMilliseconds(100))
            {
                if (now < TimeSpan.FromSeconds(60) && random.Next(50) == 0)
                {
                    var flipped = nodes[random.Next(nodes.Length)];
                    if (!up.Remove(flipped))
                        up.Add(flipped);
                }
                writes = now == TimeSpan.FromSeconds(80) ? 0 : writes;
                foreach (var node in nodes)
                {
                    Decide(node, now);
                    if (!due.TryGetValue(node, out var wish) || wish.At > now)
                        continue;
                    due.Remove(node);
                    said = Said(wish.Words);
                    writes++;
                }
            }
            Assert.Equal(up.Count > 0 ? "True" : "False", said?.Status);
            Assert.True(up.Count == 0 || up.Contains(RouteVoucher.VoucherOf(said?.Message)!), said?.Message);
            Assert.Equal(0, writes);

            void Decide(string node, TimeSpan now)
            {
                var own = up.Contains(node) ? Up(node) : Down;
                if (RouteVoucher.Speak(node, Web, duty, said, own) is not var (words, wait) || words.IsSaidBy(said))
                    due.Remove(node);
                else if (!due.TryGetValue(node, out var before) || before.Words != words)
                    due[node] = (words, now + wait);
            }
        }
    }

    [Theory]
    [InlineData("advertised by BGP from node b to router, other", "b")]
    [InlineData("10.0.0.1: announced by layer 2 from node a on eth0; 10.1.0.1: advertised by BGP from node b.c to r", "b.c")]
    [InlineData("advertised by BGP; node b, which said so, does it no more", null)]
    [InlineData("to be advertised by BGP from node b", null)]
    [InlineData("advertised by BGP from node b", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_node_that_vouches_is_read_from_the_words(string? message, string? node) =>
        Assert.Equal(node, RouteVoucher.VoucherOf(message));

    private static (Statement Statement, TimeSpan Patience)? Speak(string node, ObjectCondition? said, Statement own) =>
        RouteVoucher.Speak(node, Web, Three, said, own);

    private static Statement Up(string node) => new(true, "Announced", $"advertised by BGP from node {node} to router");

    private static ObjectCondition Said(Statement statement) => new()
    {
        Type = Statement.Announced,
        Status = statement.Holds ? "True" : "False",
        Reason = statement.Reason,
        Message = statement.Message,
    };
}
