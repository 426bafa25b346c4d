using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Allocation;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Allocation;

/// <summary>Random calls of random Services against random pools, compared step by step with <see cref="ReferenceAllocator"/>.</summary>
public sealed class RandomAllocationTests
{
    private const int StepCount = 120;

    /// <summary>Where the pools' blocks may lie; small, so that pools fill up, and across the end of an octet.</summary>
    private static readonly ImmutableArray<string> Blocks =
    [
        "10.0.0.250-10.0.0.254", "10.0.0.255/32", "10.0.1.0/30", "10.0.1.4-10.0.1.6", "10.0.2.0/32",
        "1000::/127", "1000::4/127", "1000::8/128",
    ];

    [Fact]
    public void Allocator_and_reference_agree_after_every_step()
    {
        for (var seed = 0UL; seed < 250; seed++)
            Run(seed, out _);
    }

    [Fact]
    public void The_same_calls_give_the_same_answers()
    {
        for (var seed = 0UL; seed < 10; seed++)
        {
            Run(seed, out var first);
            Run(seed, out var second);
            Assert.Equal(first, second);
        }
    }

    [Fact]
    public void The_random_runs_reach_every_outcome_and_every_refusal()
    {
        var answers = new List<string>();
        for (var seed = 0UL; seed < 40; seed++)
        {
            Run(seed, out var run);
            answers.AddRange(run);
        }
        string[] words =
            [.. Enum.GetNames<AllocationOutcome>(), .. Enum.GetNames<RefusalReason>(), .. Enum.GetNames<PoolRefusalReason>()];
        foreach (var word in words)
            Assert.Contains(answers, answer => answer.Contains(word));
    }

    private static void Run(ulong seed, out List<string> answers)
    {
        var random = new SeededRandom(seed);
        var allocator = new Allocator();
        var reference = new ReferenceAllocator();
        answers = [];
        for (var step = 0; step < StepCount; step++)
        {
            var where = $"seed {seed} step {step}";
            var request = Request(random);
            var dice = random.Next(100);
            if (dice < 4 || (step == 0 && seed % 4 > 0))
            {
                var config = Build([.. Pools(random)]).Config;
                answers.AddRange(allocator.SetPools(config).Select(change => $"{change.Before.Service} {change.After?.PoolText}"));
                reference.SetPools(config.Pools);
            }
            else if (dice < 20)
            {
                allocator.Release(request.Service);
                reference.Release(request.Service);
            }
            else if (dice < 40)
            {
                var addresses = Some(random, 1 + random.Next(2));
                Check(where, allocator.Assign(request, addresses), reference.Assign(request, addresses), answers);
            }
            else
            {
                Check(where, allocator.Allocate(request), reference.Allocate(request), answers);
                var (held, again) = (allocator.Find(request.Service), allocator.Allocate(request));
                var isSettled = again.Outcome is AllocationOutcome.Kept or AllocationOutcome.Refused;
                Assert.True(isSettled, $"{where}: {again.Outcome} when asked again");
                Assert.Equal(held, allocator.Find(request.Service));
            }
            AssertSameState(where, allocator, reference);
        }
    }

    private static void Check(string where, AllocationResult result, bool expected, List<string> answers)
    {
        Assert.True(result.Succeeded == expected, $"{where}: {result.Outcome} {result.Refusal?.Message}");
        var refusal = result.Refusal;
        var pools = refusal?.Pools.Select(pool => pool.Reason) ?? [];
        answers.Add($"{result.Outcome} {refusal?.Reason} {string.Join(' ', pools)} {refusal?.Message} {result.Allocated?.PoolText}");
    }

    private static void AssertSameState(string where, Allocator allocator, ReferenceAllocator reference)
    {
        foreach (var key in Enumerable.Range(0, 10).Select(Key))
        {
            var held = allocator.Find(key) is { } allocated ? string.Join(' ', allocated.Addresses) : "none";
            Assert.True(held == reference.Held(key), $"{where}: {key} holds {held}, expected {reference.Held(key)}");
        }
        foreach (var counters in allocator.Counters)
        {
            var pool = reference.Pools.Single(pool => pool.Name == counters.Pool);
            Assert.Equal(reference.AssignedIn(pool, AddressFamily.IPv4), counters.AssignedIPv4);
            Assert.Equal(reference.AssignedIn(pool, AddressFamily.IPv6), counters.AssignedIPv6);
        }
    }

    private static ObjectKey Key(int index) => new($"ns{index % 2}", $"s{index}");

    private static AllocationRequest Request(SeededRandom random)
    {
        var isShared = random.Chance(0.6);
        var ports = Enumerable.Range(0, 1 + random.Next(2)).Select(_ => new AllocationPort("TCP", 80 + random.Next(4))).Distinct();
        ImmutableArray<AddressFamily> families = random.Next(5) switch
        {
            0 => [AddressFamily.IPv6],
            1 => [AddressFamily.IPv4, AddressFamily.IPv6],
            2 => [AddressFamily.IPv6, AddressFamily.IPv4],
            _ => [AddressFamily.IPv4],
        };
        return new(Key(random.Next(10)))
        {
            Families = families,
            Policy = (FamilyPolicy)random.Next(3),
            Labels = random.Chance(0.5) ? Labels("app=web") : Labels(),
            NamespaceLabels = random.Chance(0.5) ? Labels("team=x") : Labels(),
            SharingKey = isShared ? random.Chance(0.8) ? "key" : "other" : "",
            BackendKey = random.Chance(0.2) ? "backend" : "",
            Ports = [.. ports],
            PoolName = random.Chance(0.15) ? $"p{random.Next(6)}" : null,
            RequestedAddresses = random.Chance(0.2) ? Some(random, random.Chance(0.8) ? families.Length : 1 + random.Next(2)) : [],
        };
    }

    private static ImmutableArray<IpAddress> Some(SeededRandom random, int count)
    {
        var four = IpAddress.V4(0x0A0000FA + (uint)random.Next(14));
        var six = IpAddress.V6(((UInt128)0x1000 << 112) + (uint)random.Next(9));
        return (count, random.Next(2)) switch
        {
            (1, 0) => [four],
            (1, _) => [six],
            (_, 0) => [four, random.Chance(0.9) ? six : four],
            _ => [six, four],
        };
    }

    private static IEnumerable<KubeObject> Pools(SeededRandom random)
    {
        var blocks = Enumerable.Range(0, 4).Select(_ => new List<string>()).ToArray();
        foreach (var block in Blocks)
        {
            if (random.Chance(0.8))
                blocks[random.Next(4)].Insert(0, block);
        }
        for (var i = 0; i < 4; i++)
        {
            var spec = new IpAddressPoolSpec
            {
                Addresses = blocks[i],
                AutoAssign = random.Chance(0.85),
                AvoidBuggyIPs = random.Chance(0.3),
                ServiceAllocation = random.Chance(0.4) ? Pinning(random) : null,
            };
            if (blocks[i].Count > 0)
                yield return Pool($"p{i}", spec);
        }
    }

    private static ServiceAllocation Pinning(SeededRandom random) => new()
    {
        Priority = random.Next(3),
        Namespaces = random.Chance(0.5) ? ["ns0"] : null,
        NamespaceSelectors = random.Chance(0.3) ? [Labelled("team=x")] : null,
        ServiceSelectors = random.Chance(0.3) ? [Labelled("app=web")] : null,
    };
}
