using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class PoolTests
{
    [Fact]
    public void No_objects_are_a_valid_configuration()
    {
        var result = Build();
        Assert.Empty(result.Rejections);
        Assert.Empty(result.Config.Pools);
    }

    [Fact]
    public void A_pool_with_everything_is_compiled()
    {
        var result = Build(Pool(
            "gold",
            new IpAddressPoolSpec
            {
                Addresses = ["10.20.0.0/16", "10.50.0.0/24", "2001:db8::/64"],
                AutoAssign = false,
                AvoidBuggyIPs = true,
                ServiceAllocation = new()
                {
                    Priority = 7,
                    Namespaces = ["b", "a"],
                    NamespaceSelectors = [Labelled("team=x")],
                    ServiceSelectors = [Labelled("app=web"), Where("tier", "In", "back", "front")],
                },
            },
            Labels("zone=east")));
        Assert.Empty(result.Rejections);
        var pool = Assert.Single(result.Config.Pools);
        Assert.Equal(["10.20.0.0/16", "10.50.0.0/24", "2001:db8::/64"], pool.Blocks.Select(block => block.ToString()));
        Assert.False(pool.AutoAssign);
        Assert.True(pool.AvoidBuggyIPs);
        Assert.Equal("east", pool.Labels["zone"]);
        Assert.Equal(7, pool.Pinning!.Priority);
        Assert.Equal(["a", "b"], pool.Pinning.Namespaces);
        Assert.True(pool.Pinning.Admits("a", Labels(), Labels("tier=front")));
        Assert.True(pool.Pinning.Admits("c", Labels("team=x"), Labels("app=web")));
        Assert.False(pool.Pinning.Admits("c", Labels(), Labels("app=web")));
        Assert.False(pool.Pinning.Admits("a", Labels(), Labels("tier=side")));
    }

    [Fact]
    public void What_is_absent_has_its_default()
    {
        var pool = Assert.Single(Build(Pool("p", "10.0.0.0/24")).Config.Pools);
        Assert.True(pool.AutoAssign);
        Assert.False(pool.AvoidBuggyIPs);
        Assert.Null(pool.Pinning);
    }

    [Fact]
    public void Pinning_without_names_or_selectors_admits_everyone()
    {
        var spec = new IpAddressPoolSpec { Addresses = ["10.0.0.0/24"], ServiceAllocation = new() { Priority = 1 } };
        Assert.True(Build(Pool("p", spec)).Config.Pools[0].Pinning!.Admits("any", Labels(), Labels()));
    }

    [Fact]
    public void Namespace_selectors_that_match_nothing_admit_nobody()
    {
        var allocation = new ServiceAllocation { NamespaceSelectors = [Labelled("team=x")], ServiceSelectors = [Labelled("app=web")] };
        var spec = new IpAddressPoolSpec { Addresses = ["10.0.0.0/24"], ServiceAllocation = allocation };
        var pinning = Build(Pool("p", spec)).Config.Pools[0].Pinning;
        Assert.False(pinning!.Admits("any", Labels(), Labels("app=web")));
    }

    [Theory]
    [InlineData("10.0.0.5/24", "10.0.0.0/24")]
    [InlineData("::ffff:10.0.0.0/120", "10.0.0.0/24")]
    [InlineData("::/0", "::/0")]
    [InlineData("10.0.0.0-10.0.0.255", "10.0.0.0/24")]
    [InlineData(" 10.0.0.1 - 10.0.0.6 ", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32")]
    [InlineData("0.0.0.0-255.255.255.255", "0.0.0.0/0")]
    [InlineData("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0")]
    [InlineData("255.255.255.254-255.255.255.255", "255.255.255.254/31")]
    [InlineData("2001:db8::1-2001:db8::2", "2001:db8::1/128 2001:db8::2/128")]
    [InlineData("10.0.0.7-10.0.0.7", "10.0.0.7/32")]
    public void An_entry_becomes_the_fewest_blocks(string text, string blocks) =>
        Assert.Equal(blocks, string.Join(' ', Build(Pool("p", text)).Config.Pools[0].Blocks));

    [Theory]
    [InlineData("10.0.0.1", "is not a CIDR block")]
    [InlineData("", "is not a CIDR block")]
    [InlineData("10.0.0.0/33", "is not a CIDR block")]
    [InlineData("10.0.0.0/-1", "start is not an IP address")]
    [InlineData("100.200.300.400/24", "is not a CIDR block")]
    [InlineData("10.0.0.0/24 ", "is not a CIDR block")]
    [InlineData("10.0.0.9-10.0.0.1", "start lies after its end")]
    [InlineData("ten-10.0.0.1", "start is not an IP address")]
    [InlineData("10.0.0.1-eleven", "end is not an IP address")]
    [InlineData("10.0.0.1-2001:db8::1", "from one address family to the other")]
    [InlineData("2001:db8::1-10.0.0.1", "from one address family to the other")]
    public void A_malformed_entry_is_refused_and_named(string text, string rule)
    {
        var result = Build(Pool("p", "192.0.2.0/24", text));
        var rejection = Assert.Single(result.Rejections);
        Assert.Equal("spec.addresses[1]", rejection.Field);
        Assert.Equal(text, rejection.Value);
        Assert.Contains(rule, rejection.Rule);
        Assert.False(rejection.LastValidFormInForce);
        Assert.Empty(result.Config.Pools);
    }

    [Fact]
    public void A_rejection_is_one_statement_with_object_field_value_rule_and_remedy()
    {
        var text = Build(Pool("p", "10.0.0.1")).Rejections[0].ToString();
        Assert.StartsWith(
            "IPAddressPool lb/p: spec.addresses[0] \"10.0.0.1\" is not a CIDR block; the object is not in force. Write a CIDR such as",
            text);
    }

    [Fact]
    public void A_pool_needs_addresses_and_a_name()
    {
        Assert.Equal("spec.addresses", Assert.Single(Build(Pool("p")).Rejections).Field);
        Assert.Equal("spec.addresses", Assert.Single(Build(new IpAddressPool { Metadata = new() { Name = "p" } }).Rejections).Field);
        Assert.Equal("metadata.name", Assert.Single(Build(Pool("", "10.0.0.0/24")).Rejections).Field);
    }

    [Theory]
    [InlineData("10.0.0.0/24", "10.0.0.0/24")]
    [InlineData("10.0.0.0/16", "10.0.3.0/24")]
    [InlineData("10.0.3.0/24", "10.0.0.0/16")]
    [InlineData("10.0.0.10-10.0.0.20", "10.0.0.20-10.0.0.30")]
    [InlineData("2001:db8::/32", "2001:db8:7::1/128")]
    public void Entries_of_one_pool_must_not_overlap(string first, string second)
    {
        var rejection = Assert.Single(Build(Pool("p", "192.0.2.0/24", first, second)).Rejections);
        Assert.Equal("spec.addresses[2]", rejection.Field);
        Assert.Contains("overlaps spec.addresses[1]", rejection.Rule);
    }

    [Fact]
    public void Namespaces_and_selectors_must_not_be_repeated()
    {
        static string FieldOf(ServiceAllocation allocation)
        {
            var spec = new IpAddressPoolSpec { Addresses = ["10.0.0.0/24"], ServiceAllocation = allocation };
            return Assert.Single(Build(Pool("p", spec)).Rejections).Field;
        }

        LabelSelector[] twins = [Labelled("a=b"), Labelled("a=b")];
        Assert.Equal("spec.serviceAllocation.namespaces[1]", FieldOf(new() { Namespaces = ["a", "a"] }));
        Assert.Equal("spec.serviceAllocation.namespaceSelectors[1]", FieldOf(new() { NamespaceSelectors = twins }));
        Assert.Equal("spec.serviceAllocation.serviceSelectors[1]", FieldOf(new() { ServiceSelectors = twins }));
    }

    [Fact]
    public void Only_the_first_faults_of_a_hopeless_list_are_told()
    {
        var result = Build(Pool("p", [.. Enumerable.Range(0, 1000).Select(i => $"bad{i}")]));
        Assert.Equal(10, result.Rejections.Length);
    }

    [Fact]
    public void The_pool_of_an_address_is_found()
    {
        var config = Build(
            Pool("a", "10.0.0.0/24", "10.0.2.0/24"),
            Pool("b", new IpAddressPoolSpec { Addresses = ["10.0.1.0/24", "2001:db8::/64"], AvoidBuggyIPs = true })).Config;
        Assert.Equal("a", config.FindPool(IpAddress.Parse("10.0.0.0"))!.Name);
        Assert.Equal("a", config.FindPool(IpAddress.Parse("10.0.2.255"))!.Name);
        Assert.Equal("b", config.FindPool(IpAddress.Parse("10.0.1.7"))!.Name);
        Assert.Equal("b", config.FindPool(IpAddress.Parse("2001:db8::"))!.Name);
        Assert.Null(config.FindPool(IpAddress.Parse("10.0.1.0")));
        Assert.Null(config.FindPool(IpAddress.Parse("10.0.1.255")));
        Assert.Null(config.FindPool(IpAddress.Parse("10.0.3.0")));
        Assert.Null(config.FindPool(IpAddress.Parse("9.255.255.255")));
        Assert.Null(config.FindPool(IpAddress.Parse("2001:db8:1::")));
    }

    [Fact]
    public void A_pool_of_thousands_of_entries_compiles()
    {
        var addresses = Enumerable.Range(0, 5000).Select(i => $"10.{i / 250}.{i % 250}.1-10.{i / 250}.{i % 250}.254").ToArray();
        var config = Build(Pool("p", addresses), Pool("q", "::/0")).Config;
        Assert.Equal(5000, config.Pools[0].Entries.Length);
        Assert.Equal("p", config.FindPool(IpAddress.Parse("10.19.249.254"))!.Name);
        Assert.Null(config.FindPool(IpAddress.Parse("10.19.249.255")));
    }
}
