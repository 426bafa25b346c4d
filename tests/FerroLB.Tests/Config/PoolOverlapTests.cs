using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class PoolOverlapTests
{
    [Fact]
    public void Of_two_new_pools_that_overlap_the_first_by_name_wins()
    {
        var result = Build(Pool("b", "10.0.0.0/24"), Pool("a", "10.0.0.128/25"), Pool("c", "10.0.1.0/24"));
        Assert.Equal("a c", Describe(result, name: true));
        var rejection = Assert.Single(result.Rejections);
        Assert.Equal("b", rejection.Object.Name);
        Assert.Contains("overlaps pool \"a\", which holds the addresses (block 10.0.0.0/24 with 10.0.0.128/25)", rejection.Rule);
        Assert.False(rejection.LastValidFormInForce);
    }

    [Theory]
    [InlineData("z", "a", "z")]
    [InlineData("a", "z", "a")]
    public void A_restarted_process_prefers_the_older_of_two_pools_as_one_that_saw_them_come(string older, string younger, string expected)
    {
        var (first, second) = (Created(Pool(older, "10.0.0.0/24"), 2020), Created(Pool(younger, "10.0.0.0/16"), 2021));
        var seenComing = Rebuild(Build(first), first, second);
        var seenAtOnce = Build(second, first);
        Assert.Equal(expected, Describe(seenComing, name: true));
        Assert.Equal(expected, Describe(seenAtOnce, name: true));
        Assert.Equal(seenComing.Rejections.AsEnumerable(), seenAtOnce.Rejections);
        var notStoredYet = Build(Pool("a", "10.0.0.0/16"), Created(Pool("z", "10.0.0.0/24"), 2021));
        Assert.Equal("z", Describe(notStoredYet, name: true));
    }

    [Fact]
    public void A_pool_in_force_keeps_its_addresses_against_a_new_one()
    {
        var before = Build(Pool("b", "10.0.0.0/24"));
        var result = Rebuild(before, Pool("a", "10.0.0.0/16"), Pool("b", "10.0.0.0/24"));
        Assert.Equal("b", Describe(result, name: true));
        Assert.Equal("a", Assert.Single(result.Rejections).Object.Name);
    }

    [Fact]
    public void A_pool_that_grows_into_another_keeps_its_last_valid_form()
    {
        var before = Build(Pool("a", "10.0.0.0/24"), Pool("b", "10.0.1.0/24"));
        var result = Rebuild(before, Pool("a", "10.0.0.0/23"), Pool("b", "10.0.1.0/24"));
        Assert.Equal("a:10.0.0.0/24 b:10.0.1.0/24", Describe(result));
        Assert.True(Assert.Single(result.Rejections).LastValidFormInForce);
    }

    [Fact]
    public void A_pool_that_shrinks_is_not_disturbed_by_one_that_grabs_what_it_keeps()
    {
        var before = Build(Pool("a", "10.0.9.0/24"), Pool("b", "10.0.0.0/23"));
        var result = Rebuild(before, Pool("a", "10.0.0.0/24"), Pool("b", "10.0.0.0/24"));
        Assert.Equal("a:10.0.9.0/24 b:10.0.0.0/24", Describe(result));
        Assert.Equal("a", Assert.Single(result.Rejections).Object.Name);
    }

    [Fact]
    public void Two_pools_may_exchange_addresses_in_one_step()
    {
        var before = Build(Pool("a", "10.0.0.0/24"), Pool("b", "10.0.1.0/24"));
        var result = Rebuild(before, Pool("a", "10.0.1.0/24"), Pool("b", "10.0.0.0/24"));
        Assert.Empty(result.Rejections);
        Assert.Equal("a:10.0.1.0/24 b:10.0.0.0/24", Describe(result));
    }

    [Fact]
    public void A_pool_may_be_split_and_renamed_in_one_step()
    {
        var before = Build(Pool("all", "10.0.0.0/24"));
        var result = Rebuild(before, Pool("low", "10.0.0.0/25"), Pool("high", "10.0.0.128/25"));
        Assert.Empty(result.Rejections);
        Assert.Equal("high:10.0.0.128/25 low:10.0.0.0/25", Describe(result));
    }

    [Fact]
    public void A_pool_left_out_comes_into_force_when_the_other_goes()
    {
        var before = Build(Pool("a", "10.0.0.0/24"), Pool("b", "10.0.0.0/24"));
        Assert.Equal("b:10.0.0.0/24", Describe(Rebuild(before, Pool("b", "10.0.0.0/24"))));
    }

    [Fact]
    public void Whatever_the_history_blocks_are_disjoint_and_building_again_changes_nothing()
    {
        for (var seed = 0UL; seed < 300; seed++)
        {
            var random = new SeededRandom(seed);
            var result = ConfigResult.Empty;
            for (var step = 0; step < 8; step++)
            {
                var pools = RandomPools(random);
                result = Rebuild(result, pools);
                var blocks = result.Config.Pools.SelectMany(pool => pool.Blocks).Order().ToList();
                Assert.DoesNotContain(blocks.Zip(blocks.Skip(1)), pair => pair.First.Overlaps(pair.Second));
                Assert.Equal(result.Config.Pools.Select(pool => pool.Name).Order(), result.Config.Pools.Select(pool => pool.Name));
                var again = Rebuild(result, [.. pools.Reverse()]);
                Assert.Same(result.Config, again.Config);
                Assert.Equal(result.Rejections.Select(r => r.Object).Distinct(), again.Rejections.Select(r => r.Object).Distinct());
                AssertEveryPoolIsInForceOrReported(pools, result);
            }
        }
    }

    private static void AssertEveryPoolIsInForceOrReported(KubeObject[] pools, ConfigResult result)
    {
        foreach (var pool in pools.Cast<IpAddressPool>())
        {
            var inForce = result.Config.FindPool(pool.Metadata.Name!);
            var isAsWritten = inForce is not null && inForce.Entries.Select(entry => entry.Text).SequenceEqual(pool.Spec!.Addresses!);
            Assert.NotEqual(isAsWritten, result.Rejections.Any(rejection => rejection.Object == pool.Key));
        }
    }

    private static KubeObject[] RandomPools(SeededRandom random)
    {
        var pools = new List<KubeObject>();
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            if (random.Chance(0.2))
                continue;
            var addresses = Enumerable.Range(0, 1 + random.Next(2)).Select(_ => random.Chance(0.1) ? "bad" : RandomBlock(random)).ToArray();
            pools.Add(Pool(name, addresses));
        }
        return [.. pools];
    }

    private static string RandomBlock(SeededRandom random)
    {
        var length = 28 + random.Next(5);
        return new IpPrefix(IpAddress.V4(0x0A000000 + (uint)random.Next(32)), length).ToString();
    }

    private static string Describe(ConfigResult result, bool name = false) => string.Join(
        ' ', result.Config.Pools.Select(pool => name ? pool.Name : $"{pool.Name}:{string.Join(',', pool.Blocks)}"));

    private static IpAddressPool Created(IpAddressPool pool, int year) =>
        pool with { Metadata = pool.Metadata with { CreationTimestamp = new(year, 1, 1, 0, 0, 0, System.TimeSpan.Zero) } };
}
