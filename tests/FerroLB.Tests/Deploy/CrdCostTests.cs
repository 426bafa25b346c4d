using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace FerroLB.Tests.Deploy;

/// <summary>
/// Kubernetes refuses a definition whose rules could cost too much, judged before any object exists: 10 million units per rule and 100
/// million per definition, where a rule counts once for every item that may be in the lists above it. This is an upper estimate after its
/// documentation: what dominates is matching, a tenth of the text (four bytes per character) times a quarter of the pattern; everything
/// else is a few units per operator.
/// </summary>
public sealed partial class CrdCostTests
{
    private const double RuleLimit = 10_000_000;
    private const double DefinitionLimit = 100_000_000;
    private const double LargestRequest = 3 * 1024 * 1024;

    public static TheoryData<string> Kinds => [.. CrdTables.ByKind.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Rules_stay_within_the_cost_that_Kubernetes_allows(string kind)
    {
        var crd = YamlFiles.ReadAll("deploy/crds").Single(crd => crd.Text("spec/names/kind") == kind);
        var costs = new List<(string Place, double Cost)>();
        foreach (var version in ((YamlSequenceNode)crd.At("spec/versions")!).Children)
            Collect(version.At("schema/openAPIV3Schema")!, version.Text("name")!, 1, costs);
        Assert.All(costs, rule => Assert.True(rule.Cost < RuleLimit, $"{rule.Place}: {rule.Cost}"));
        Assert.True(costs.Sum(rule => rule.Cost) < DefinitionLimit);
    }

    [Fact]
    public void The_estimate_finds_a_rule_that_costs_too_much()
    {
        var schema = new YamlMappingNode(
            "type", "array", "items", new YamlMappingNode("type", "string", "x-kubernetes-validations", new YamlSequenceNode(
                new YamlMappingNode("rule", "self.matches('^[a-z]+$')"))));
        var costs = new List<(string Place, double Cost)>();
        Collect(schema, "list", 1, costs);
        Assert.True(Assert.Single(costs).Cost > RuleLimit);
    }

    private static void Collect(YamlNode schema, string path, double times, List<(string Place, double Cost)> costs)
    {
        foreach (var rule in (schema.At("x-kubernetes-validations") as YamlSequenceNode)?.Children ?? [])
            costs.Add(($"{path}: {rule.Text("rule")}", Cost(schema, rule.Text("rule")!) * times));
        foreach (var (name, property) in schema.Entries("properties"))
            Collect(property, $"{path}.{name}", times, costs);
        if (schema.At("items") is { } items)
        {
            // Without a bound as many as fit into a request, wherever the lists above them stand.
            var fitting = LargestRequest / (SmallestSize(items) + 1);
            var count = schema.Text("maxItems") is { } bound ? Math.Min(times * double.Parse(bound, null), fitting) : fitting;
            Collect(items, path + "[]", count, costs);
        }
    }

    private static double Cost(YamlNode schema, string rule)
    {
        var cost = 10.0 + Operators().Count(rule);
        foreach (Match match in Matching().Matches(rule))
        {
            var field = match.Groups["field"].Value;
            var text = field.Length == 0 ? schema : schema.At($"properties/{field}")!;
            var length = text.Text("maxLength") is { } bound ? double.Parse(bound, null) * 4 : LargestRequest;
            var pattern = match.Groups["pattern"].Value.Replace(@"\\", @"\", StringComparison.Ordinal);
            cost += Math.Ceiling((length + 1) * 0.1) * Math.Ceiling(Encoding.UTF8.GetByteCount(pattern) * 0.25);
        }
        return cost;
    }

    private static double SmallestSize(YamlNode schema) => schema.Text("type") switch
    {
        "object" => 2 + schema.Texts("required").Sum(name => name.Length + 4 + SmallestSize(schema.At($"properties/{name}")!)),
        "integer" => 1,
        _ => 2,
    };

    [GeneratedRegex(@"self(\.(?<field>\w+))?\.matches\('(?<pattern>[^']*)'\)")]
    private static partial Regex Matching();

    [GeneratedRegex(@"&&|\|\||[!=<>]=|[!<>?%]|\b(has|size|duration|contains|getSeconds|getMilliseconds)\b|\bself\b")]
    private static partial Regex Operators();
}
