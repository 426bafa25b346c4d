using System;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Status;
using Xunit;

namespace FerroLB.Tests.Status;

public sealed class StatementTests
{
    private static readonly DateTimeOffset Early = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Late = Early.AddHours(1);
    private static readonly ObjectCondition Foreign = new() { Type = "other", Status = "True" };

    [Fact]
    public void Same_statement_gives_back_the_same_list()
    {
        var once = Statement.Put([Foreign], "t", new Statement(true, "R", "m"), Early);
        Assert.Same(once, Statement.Put(once, "t", new Statement(true, "R", "m"), Late));
    }

    [Fact]
    public void Time_of_transition_moves_with_the_status_only()
    {
        var first = Statement.Put([Foreign], "t", new Statement(true, "R", "m"), Early);
        var reworded = Statement.Put(first, "t", new Statement(true, "R", "other words"), Late);
        Assert.Equal(Early, Statement.Find(reworded, "t")!.LastTransitionTime);
        var turned = Statement.Put(reworded, "t", new Statement(false, "R", "m"), Late);
        Assert.Equal(Late, Statement.Find(turned, "t")!.LastTransitionTime);
        Assert.Same(Foreign, turned[0]);
    }

    [Fact]
    public void Statement_is_taken_back_without_touching_others()
    {
        var said = Statement.Put([Foreign], "t", new Statement(true, "R", "m"), Early);
        Assert.Equal([Foreign], Statement.Put(said, "t", null, Late));
        var without = Statement.Put([Foreign], "t", null, Late);
        Assert.Equal([Foreign], without);
    }
}
