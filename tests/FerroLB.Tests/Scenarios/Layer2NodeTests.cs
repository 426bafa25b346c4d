using System.Linq;
using Xunit;

namespace FerroLB.Tests.Scenarios;

/// <summary>MetalLB's acceptance list for layer 2: node selectors and preferred nodes.</summary>
public sealed class Layer2NodeTests
{
    private const string Label = "tests.example/prefer";

    private readonly Layer2Bench _bench = new();
    private readonly string[] _order;

    public Layer2NodeTests()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise().Service("web");
        _order = _bench.OrderFor(_bench.AddressOf("web"));
        _bench.Expect("web", _order[0]);
    }

    [Fact]
    public void L2_30_the_announcement_follows_the_node_selector()
    {
        foreach (var node in _bench.Nodes.Concat(_bench.Nodes.Reverse()))
            _bench.Advertise($"{{nodeSelectors: [{Host(node)}]}}").Expect("web", node);
    }

    [Fact]
    public void L2_31_with_policy_Local_the_node_of_the_endpoint_announces_if_any_advertisement_covers_it()
    {
        _bench.Advertise($"{{nodeSelectors: [{Host(_order[1])}]}}").Advertise("{}", "everywhere");
        _bench.Service("web", "externalTrafficPolicy: Local", "", "", _order[0]).Expect("web", _order[0]);
        _bench.Endpoints("web", _order[2]).Expect("web", _order[2]);
    }

    [Fact]
    public void L2_32_a_selector_that_matches_no_node_announces_nothing_until_a_node_gets_the_label()
    {
        _bench.Advertise("{nodeSelectors: [{matchLabels: {tests.example/lb: 'yes'}}]}").ExpectNobody("web");
        _bench.Label(_order[2], "tests.example/lb", "yes").Expect("web", _order[2]);
    }

    [Fact]
    public void L2_40_a_preferred_node_announces_until_it_loses_the_label()
    {
        _bench.Advertise(Prefer((100, Label, "yes"))).Label(_order[2], Label, "yes").Expect("web", _order[2]);
        _bench.Label(_order[2], Label, null).Expect("web", _order[0]);
    }

    [Fact]
    public void L2_41_a_preference_for_nobody_and_one_for_everybody_change_nothing()
    {
        _bench.Advertise("{preferredNodeSelectors: [{weight: 100, preference: {matchLabels: {no: body}}}, {weight: 10, preference: {}}]}")
            .Pass(3).Expect("web", _order[0]);
    }

    [Fact]
    public void L2_42_a_preferred_node_that_is_excluded_gives_away_and_reclaims()
    {
        _bench.Advertise(Prefer((100, Label, "yes"))).Label(_order[2], Label, "yes").Expect("web", _order[2]);
        _bench.Label(_order[2], Layer2Bench.ExcludeLabel, "").Expect("web", _order[0]);
        _bench.Label(_order[2], Layer2Bench.ExcludeLabel, null).Expect("web", _order[2]);
    }

    [Fact]
    public void L2_43_preferences_that_change_move_the_announcement()
    {
        _bench.Advertise(Prefer((100, "kubernetes.io/hostname", _order[2]))).Expect("web", _order[2]);
        _bench.Advertise(Prefer((100, "kubernetes.io/hostname", _order[1]))).Expect("web", _order[1]);
        _bench.Advertise().Expect("web", _order[0]);
    }

    [Fact]
    public void L2_44_a_preference_counts_among_the_selected_nodes()
    {
        _bench.Advertise(
            $"{{nodeSelectors: [{Host(_order[1])}, {Host(_order[2])}], " +
            $"preferredNodeSelectors: [{{weight: 100, preference: {Host(_order[2])}}}]}}").Expect("web", _order[2]);
    }

    [Fact]
    public void L2_45_a_preferred_node_that_is_not_selected_never_announces()
    {
        _bench.Advertise(
            $"{{nodeSelectors: [{Host(_order[1])}], preferredNodeSelectors: [{{weight: 100, preference: {Host(_order[0])}}}]}}")
            .Expect("web", _order[1]);
        _bench.Label(_order[1], Layer2Bench.ExcludeLabel, "").ExpectNobody("web");
    }

    [Fact]
    public void L2_46_weights_of_several_advertisements_add_up()
    {
        _bench.Advertise(Prefer((60, "tests.example/zone", "z")), "zone").Advertise(Prefer((50, "tests.example/role", "r")), "role");
        _bench.Label(_order[2], "tests.example/zone", "z").Label(_order[2], "tests.example/role", "r");
        _bench.Label(_order[1], "tests.example/zone", "z").Expect("web", _order[2]);
        _bench.Label(_order[2], "tests.example/zone", null).Expect("web", _order[1]);
    }

    [Fact]
    public void L2_47_a_preference_for_some_Services_leaves_the_others_alone()
    {
        _bench.Service("other", "", "move: 'no'").Service("web", "", "move: 'yes'");
        var stays = _bench.OwnerOf("other");
        var target = _bench.Nodes.First(node => node != stays && node != _order[0]);
        _bench.Advertise(
            "{serviceSelectors: [{matchLabels: {move: 'yes'}}], " +
            $"preferredNodeSelectors: [{{weight: 100, preference: {Host(target)}}}]}}",
            "some");
        _bench.Expect("web", target).Expect("other", stays);
    }

    private static string Host(string node) => $"{{matchLabels: {{kubernetes.io/hostname: {node}}}}}";

    private static string Prefer(params (int Weight, string Key, string Value)[] wishes) =>
        $"{{preferredNodeSelectors: [{string.Join(", ", wishes.Select(wish =>
            $"{{weight: {wish.Weight}, preference: {{matchLabels: {{{wish.Key}: {wish.Value}}}}}}}"))}]}}";
}
