using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store.Cel;

public sealed class CelEvaluatorTests
{
    private const string Self = """
        {"a":3,"b":2.5,"s":"héllo","list":[1,2,3],"names":["ab","cd"],"map":{"k":"v"},"d":"90s","items":[{"n":1},{"n":2}],"x-y":true}
        """;

    [Theory]
    [InlineData("self.a == 3 && self.b > 2", true)]
    [InlineData("self.a + 1 * 2 == 5 && (self.a + 1) * 2 == 8 && self.a % 2 == 1 && -self.a < 0", true)]
    [InlineData("size(self.s) == 5 && self.list.size() == 3 && size(self.map) == 1", true)]
    [InlineData("has(self.none) || !has(self.map.k)", false)]
    [InlineData("self.none == 1 || true", true)]
    [InlineData("false && self.none == 1", false)]
    [InlineData("self.list.all(x, x > 0) && self.list.exists(x, x == 2) && self.list.exists_one(x, x == 2)", true)]
    [InlineData("self.list.all(x, x > 1)", false)]
    [InlineData("self.list.map(x, x * 2) == [2, 4, 6] && self.list.filter(x, x > 1).size() == 2", true)]
    [InlineData("self.items.all(i, self.items.exists(j, j.n == i.n))", true)]
    [InlineData("self.map.all(k, self.map[k] == 'v')", true)]
    [InlineData("'ab' in self.names && 'k' in self.map && !(4 in self.list)", true)]
    [InlineData("self.s.startsWith('hé') && self.s.endsWith(\"lo\") && self.s.contains('l') && self.s.matches('^h.*o$')", true)]
    [InlineData("duration(self.d) == duration('1m30s') && duration(self.d) >= duration('1s') && duration(self.d).getSeconds() == 90", true)]
    [InlineData("duration('1500ms').getMilliseconds() % 1000 == 0", false)]
    [InlineData("self.a > 2 ? self.s != '' : false", true)]
    [InlineData("self.list[0] == 1 && self.names[1] == 'cd'", true)]
    [InlineData("self.x__dash__y", true)]
    [InlineData("{'k': 1}.k == 1 && string(self.a) == '3' && int('4') == 4 && double(2) == 2.0", true)]
    [InlineData("self.s.substring(1, 3) == 'él' && self.s.charAt(0) == 'h' && self.s.lastIndexOf('l') == 3", true)]
    [InlineData("self.s.find('l+') == 'll' && self.s.findAll('[a-z]').size() == 4 && self.names.join('-') == 'ab-cd'", true)]
    [InlineData("self.list.isSorted() && self.list.sum() == 6 && self.list.min() == 1 && self.list.max() == 3", true)]
    [InlineData("!!true && !(1 != 1) && 'a' < 'b' && null == null", true)]
    public void Expression_has_the_value_of_CEL(string rule, bool holds) => Assert.Equal(holds, Holds(rule));

    [Theory]
    [InlineData("self.none == 1", "no such key: none")]
    [InlineData("self.list[9] == 1", "index out of bounds: 9")]
    [InlineData("self.a / 0 == 1", "division by zero")]
    [InlineData("self.a + 'x' == 'y'", "no such overload")]
    [InlineData("nobody == 1", "undeclared reference to 'nobody'")]
    [InlineData("self.a * 9223372036854775807 > 0", "integer overflow")]
    public void Expression_without_a_value_is_an_error(string rule, string message) =>
        Assert.Contains(message, Refusal(rule), System.StringComparison.Ordinal);

    [Fact]
    public void Costly_expression_is_cut_off() => Assert.Contains(
        "cost limit", Refusal("self.big.all(a, self.big.all(b, self.big.all(c, a + b + c >= 0)))"), System.StringComparison.Ordinal);

    private static bool Holds(string rule) => Try(rule) is null;

    private static string Refusal(string rule) => Try(rule) ?? "";

    // The rule is run as users run it: in a schema, over an object.
    private static string? Try(string rule)
    {
        var api = new TestApi();
        var quoted = JsonValue.Create(rule).ToJsonString();
        var (defined, refusal) = api.Call(ApiVerb.Create, "apiextensions.k8s.io/v1/customresourcedefinitions", $$$"""
            {"metadata":{"name":"things.x.io"},"spec":{"group":"x.io","scope":"Cluster","names":{"plural":"things","kind":"Thing"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{
             "spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true,
              "x-kubernetes-validations":[{"rule":{{{quoted}}},"message":"does not hold"}]} } } } }]}}
            """);
        if (defined != 201)
            return (string)refusal["message"]!;
        var self = JsonNode.Parse(Self)!;
        var big = new JsonArray();
        for (var i = 0; i < 100; i++)
            big.Add(i);
        self["big"] = big;
        var (code, body) = api.Call(ApiVerb.Create, "x.io/v1/things", $$$"""{"metadata":{"name":"a"},"spec":{{{self.ToJsonString()}}}}""");
        return code == 201 ? null : (string)body["message"]!;
    }
}
