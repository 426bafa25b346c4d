using System;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Scenarios;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>Runs of large clusters, here small ones; and that their checkers find what is wrong.</summary>
public sealed class ScaleRunTests
{
    [Fact]
    public void A_cluster_with_every_fault_has_each_address_where_it_belongs_after_each_round_and_repeats_itself()
    {
        var result = Run(GapsRunTests.Right, FaultKinds.All);
        Assert.Null(result.Violation);
        Assert.NotNull(result.Start);
        Assert.InRange(result.Rounds, 1, 10);
        Assert.InRange(result.OwnersCompared, 40 * (result.Rounds + 1), long.MaxValue);
        Assert.InRange(result.Acts, 10, 1_000);
        Assert.Equal(result.TraceHash, Run(GapsRunTests.Right, FaultKinds.All).TraceHash);
    }

    [Fact]
    public void A_wrong_owner_is_found()
    {
        var swapped = GapsRunTests.Right with
        {
            Speaker = start => GapsRunTests.Right.Speaker(start with
            {
                Node = start.Node switch { "node-1" => "node-2", "node-2" => "node-1", var name => name },
            }),
        };
        var result = Run(swapped, FaultKinds.None);
        Assert.Contains("instead of", result.Violation?.What, StringComparison.Ordinal);
    }

    private static ScaleResult Run(MachineFactory machines, FaultKinds faults) =>
        new ScaleRun(new() { Seed = 5, Services = 40, Nodes = 6, Minutes = 2, Faults = faults }, machines).Run();
}
