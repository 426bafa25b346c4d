using System;
using System.Linq;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using Xunit;

namespace FerroLB.Tests.Gossip;

/// <summary>Whole clusters of members under a virtual clock.</summary>
public sealed class GossipConvergenceTests
{
    [Theory]
    [InlineData(3, 0.0, 1)]
    [InlineData(3, 0.1, 2)]
    [InlineData(50, 0.0, 3)]
    [InlineData(50, 0.1, 4)]
    public void All_know_all_soon_after_they_joined_one(int members, double loss, ulong seed)
    {
        var world = new GossipWorld(seed) { Loss = loss, Doubling = loss / 2 }.Add(1, members).JoinAll();
        Assert.NotNull(world.Until(() => world.AllSee(world.Names), 10));
    }

    [Theory]
    [InlineData(3, 0.0, 7.0)]
    [InlineData(3, 0.05, 8.0)]
    [InlineData(50, 0.0, 14.0)]
    [InlineData(50, 0.05, 16.0)]
    public void A_silent_death_is_known_to_all_in_time(int members, double loss, double limitSeconds)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var world = Converged(members, seed, loss);
            world.Cut("m002");
            var took = world.Until(() => world.AllSee(world.Names.Where(name => name != "m002")), limitSeconds);
            Assert.True(took is not null, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(50)]
    public void Who_leaves_is_known_to_have_left_at_once(int members)
    {
        var world = Converged(members, 1, 0);
        world.Told.Clear();
        world.Feed("m002", new GossipInput.LeaveRequested());
        var took = world.Until(() => world.AllSee(world.Names.Where(name => name != "m002")) || IsLeft(world, members), 1);
        Assert.NotNull(took);
        Assert.All(
            world.Told.Select(told => told.Output).OfType<GossipOutput.MemberLeft>(),
            left => Assert.Equal(GossipMemberState.Left, left.Member.State));
        Assert.True(took < TimeSpan.FromMilliseconds(members == 3 ? 60 : 700), $"{took}");
    }

    [Theory]
    [InlineData(20, 0.05, 600)]
    [InlineData(50, 0.1, 120)]
    public void Loss_alone_makes_nobody_fail(int members, double loss, double seconds)
    {
        var world = Converged(members, 7, loss);
        world.Told.Clear();
        world.Pass(seconds);
        Assert.DoesNotContain(world.Told, told => told.Output is GossipOutput.MemberLeft);
        Assert.True(world.AllSee(world.Names));
    }

    [Fact]
    public void One_that_was_cut_off_and_comes_back_is_known_again()
    {
        var world = Converged(8, 5, 0);
        world.Cut("m003");
        Assert.NotNull(world.Until(() => world.AllSee(world.Names.Where(name => name != "m003")), 20));
        world.Cut("m003", isCut: false);
        world.Feed("m003", new GossipInput.JoinRequested([GossipScript.AddressOf(1)]));
        Assert.NotNull(world.Until(() => world.AllSee(world.Names), 15));
    }

    [Fact]
    public void A_restarted_member_is_taken_for_itself()
    {
        var world = Converged(5, 6, 0);
        world.Feed("m002", new GossipInput.MetadataChanged(new byte[] { 1 }));
        Assert.NotNull(world.Until(() => AllRemember([1], 2), 5));
        world.Told.Clear();
        world.Add(2, 1);
        world.Feed("m002", new GossipInput.JoinRequested([GossipScript.AddressOf(1)]));
        Assert.NotNull(world.Until(() => AllRemember([], 3), 10));
        Assert.DoesNotContain(world.Told, told => told.Output is GossipOutput.NameConflict);

        bool AllRemember(byte[] meta, uint incarnation) => world.AllSee(world.Names) && world.Names.All(name =>
            world[name].Snapshot.Members.Single(m => m.Name == "m002") is var m &&
            m.Incarnation == incarnation && m.Meta.SequenceEqual(meta));
    }

    [Fact]
    public void A_seed_fixes_a_run()
    {
        static string Run(ulong seed)
        {
            var world = new GossipWorld(seed) { Loss = 0.2, Doubling = 0.1 }.Add(1, 10).JoinAll();
            world.Pass(60);
            return string.Join('\n', world.Told.Select(told => $"{told.At} {told.Member} {told.Output.GetType().Name}"));
        }
        Assert.Equal(Run(3), Run(3));
        Assert.NotEqual(Run(3), Run(4));
    }

    private static bool IsLeft(GossipWorld world, int members) =>
        world.Told.Count(told => told.Output is GossipOutput.MemberLeft { Member.Name: "m002" }) == members - 1;

    private static GossipWorld Converged(int members, ulong seed, double loss)
    {
        var world = new GossipWorld(seed).Add(1, members).JoinAll();
        Assert.NotNull(world.Until(() => world.AllSee(world.Names), 10));
        world.Loss = loss;
        world.Pass(5);
        return world;
    }
}
