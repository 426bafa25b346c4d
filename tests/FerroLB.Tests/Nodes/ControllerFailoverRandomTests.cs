using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>
/// Replicas that die, stand still, are cut off and stop at random, with writes that arrive whenever: at most one leads at a time, no
/// address is ever given twice, no Service that has one loses or changes it, and in the end each has one.
/// </summary>
public sealed class ControllerFailoverRandomTests
{
    private const int Steps = 40;
    private const int MostReplicas = 15;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nothing_is_doubled_lost_or_renumbered(int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var world = new ReplicaWorld();
        world.Pool("192.0.2.0/25");
        var replicas = new List<ReplicaWorld.Replica> { world.Start("r0"), world.Start("r1") };
        var seen = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var step = 0; step < Steps; step++)
        {
            Act(random, world, replicas, step);
            world.Pass(random.NextDouble() * (random.Chance(0.3) ? 20 : 2));
            Check(world, replicas, seen);
        }
        foreach (var replica in replicas)
            Heal(world, replica);
        if (!replicas.Any(replica => replica.Runs))
            replicas.Add(world.Start("last"));
        world.Api.CloseWatches();
        world.Pass(120);
        Check(world, replicas, seen);
        Assert.Single(replicas, replica => replica.Leads);
        Assert.Equal(world.Api.All(KubeResource.Services).Count(), seen.Count);
    }

    private static void Act(SeededRandom random, ReplicaWorld world, List<ReplicaWorld.Replica> replicas, int step)
    {
        var replica = replicas[random.Next(replicas.Count)];
        switch (random.Next(12))
        {
            case 0:
                replica.Kill();
                break;
            case 1 when replica.Runs:
                replica.Terminate();
                break;
            case 2:
                replica.IsPaused = !replica.IsDead;
                break;
            case 3:
                replica.IsCutOff = true;
                break;
            case 4:
                replica.Holds = request =>
                    request.Verb == KubeVerb.Patch && request.Resource == KubeResource.Services && random.Chance(0.7);
                break;
            case 5 or 6:
                Heal(world, replica);
                break;
            case 7 when replicas.Count < MostReplicas:
                replicas.Add(world.Start($"r{replicas.Count}"));
                break;
            default:
                for (var i = random.Next(4); i >= 0; i--)
                    world.Service(string.Create(CultureInfo.InvariantCulture, $"s{random.Next(1000):D3}-{step}"));
                break;
        }
    }

    /// <summary>It runs again, hears again, and what it had under way arrives now.</summary>
    private static void Heal(ReplicaWorld world, ReplicaWorld.Replica replica)
    {
        replica.IsPaused = false;
        if (replica.IsCutOff)
        {
            replica.IsCutOff = false;
            world.Api.CloseWatches();
        }
        world.Deliver(replica);
        world.Settle();
    }

    private static void Check(ReplicaWorld world, List<ReplicaWorld.Replica> replicas, SortedDictionary<string, string> seen)
    {
        Assert.Empty(world.Doubles());
        Assert.True(replicas.Count(replica => replica.Runs && replica.Leads) <= 1, "two lead at a time");
        foreach (var service in world.Api.All(KubeResource.Services))
        {
            var name = service["metadata"]!["name"]!.ToString();
            var address = world.Addresses(name);
            if (seen.TryGetValue(name, out var before))
                Assert.Equal((name, before), (name, address));
            else if (address.Length > 0)
                seen.Add(name, address);
        }
    }
}
