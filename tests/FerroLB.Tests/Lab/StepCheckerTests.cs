using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FerroLB.Lab.Checkers;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>The checker of single acts against pictures that are painted by hand.</summary>
public sealed class StepCheckerTests
{
    private static readonly SortedDictionary<string, string> NoLabels = [];

    [Fact]
    public void An_address_above_one_that_is_free_is_a_fault()
    {
        var fault = FaultOf([Pool("p", "10.20.0.2/31")], [Pool("p", "10.20.0.0/30")], "10.20.0.3");
        Assert.Equal("default/one was given 10.20.0.3 of p although 10.20.0.0 is free", fault);
    }

    [Theory]
    [InlineData("10.20.0.2", null)]
    [InlineData("10.20.0.3", "default/one was given 10.20.0.3 of p although 10.20.0.0 is free")]
    [InlineData("10.20.0.1", "default/one was given 10.20.0.1 of p although 10.20.0.0 is free")]
    public void The_lowest_of_a_pool_as_it_was_between_the_end_of_another_and_its_own_edit_is_no_fault(string given, string? fault)
    {
        Assert.Equal(fault, FaultOf([Pool("p-new", "10.20.0.2/32"), Pool("p", "10.20.0.2/31")], [Pool("p", "10.20.0.0/30")], given));
    }

    [Theory]
    [InlineData("p-new", "10.20.0.0/30", null)]
    [InlineData("p-new", "10.20.0.0/30,fd00:20::1/128", "fd00:20::")]
    [InlineData("p", "10.20.0.0/30", "fd00:20::")]
    public void A_second_address_of_another_pool_while_that_of_the_first_had_none_is_no_fault(
        string inForce, string earlier, string? better)
    {
        var other = Pool("q", "fd00:20:9::/128");
        PoolView[] before = inForce == "p" ? [Pool("p", earlier), other] : [Pool("p-new", "10.20.0.0/32"), other, Pool("p", earlier)];
        PoolView[] after = [Pool("p", "10.20.0.0/30,fd00:20::/127"), other];
        var given = Picture(after, after, "10.20.0.0", "fd00:20:9::");
        var checker = new StepChecker(Picture(before, before[..2], "10.20.0.0"), given, _ => false);
        var fault = better is null
            ? null
            : $"default/one was given fd00:20:9:: besides 10.20.0.0 although {better} of the same pool is free";
        Assert.Equal(fault, checker.FirstFault());
    }

    // As long as a pool cannot be read, an address that is in none stays in the status, and nowhere else.
    [Theory]
    [InlineData("10.20.0.0/30", true, "default/one lost 10.20.0.0 (now none), and nothing spoke against it")]
    [InlineData("10.20.9.0/30", true, null)]
    [InlineData("10.20.9.0/30", false, "default/one lost 10.20.0.0 (now none), and nothing spoke against it")]
    public void Only_an_address_of_no_pool_may_be_lost_by_an_edit_of_the_status(string range, bool isEdited, string? fault)
    {
        PoolView[] pools = [Pool("p", range)];
        var checker = new StepChecker(Picture(pools, pools, "10.20.0.0"), Picture(pools, pools), _ => isEdited);
        Assert.Equal(fault, checker.FirstFault());
    }

    // The first of the pools is in force before the act; the Service has nothing yet.
    private static string? FaultOf(PoolView[] before, PoolView[] after, string given) =>
        new StepChecker(Picture(before, [before[0]]), Picture(after, after, given), _ => false).FirstFault();

    private static StepPicture Picture(PoolView[] pools, PoolView[] inForce, params string[] addresses)
    {
        ServiceView[] services = [Service(addresses)];
        return new(new(inForce, _ => NoLabels, services), services, pools, string.Join('|', pools.Select(pool => pool.Fingerprint)));
    }

    private static PoolView Pool(string name, string addresses) => new(Json(
        $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"addresses":["{{{addresses.Replace(",", "\",\"")}}}"]}}"""));

    private static ServiceView Service(string[] addresses) => new(Json(
        $$$$"""
        {"metadata":{"namespace":"default","name":"one","uid":"u"},"spec":{"type":"LoadBalancer","clusterIPs":["10.96.0.1","fd00:96::1"]},
        "status":{"loadBalancer":{"ingress":[{{{{string.Join(',', addresses.Select(ip => $"{{\"ip\":\"{ip}\"}}"))}}}}]}}}
        """), "");

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
