using System;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>
/// x-kubernetes-validations, as the documentation of validation rules describes them: what users read, and what does not compile.
/// </summary>
public sealed class ValidationRuleTests
{
    private const string Definitions = "apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Things = "x.io/v1/ns:default/things";
    private readonly TestApi _api = new();

    [Theory]
    [InlineData("""{"rule":"self.low <= self.high"}""", "spec: Invalid value: \"object\": failed rule: self.low <= self.high")]
    [InlineData("""{"rule":"self.low <= self.high","message":"upside down"}""", "spec: Invalid value: \"object\": upside down")]
    [InlineData("""{"rule":"self.low <= self.high","message":"unused","messageExpression":"'low ' + string(self.low) + ' is too high'"}""",
        "spec: Invalid value: \"object\": low 9 is too high")]
    [InlineData("""{"rule":"self.low <= self.high","message":"used","messageExpression":"self.names[7]"}""",
        "spec: Invalid value: \"object\": used")]
    [InlineData("""{"rule":"self.low <= self.high","message":"m","fieldPath":".low"}""", "spec.low: Invalid value: \"object\": m")]
    public void Broken_rule_is_told_with_its_message(string rule, string message)
    {
        Define(rule);
        Assert.Equal("Thing.x.io \"a\" is invalid: " + message, _api.Refused(422, ApiVerb.Create, Things,
            """{"metadata":{"name":"a"},"spec":{"low":9,"high":5,"names":[]}}"""));
    }

    [Theory]
    [InlineData("FieldValueInvalid")]
    [InlineData("FieldValueForbidden")]
    [InlineData("FieldValueRequired")]
    [InlineData("FieldValueDuplicate")]
    public void Reason_becomes_the_cause(string reason)
    {
        Define($$"""{"rule":"self.low <= self.high","message":"m","reason":"{{reason}}"}""");
        var (_, status) = _api.Call(ApiVerb.Create, Things, """{"metadata":{"name":"a"},"spec":{"low":9,"high":5}}""");
        var cause = status["details"]!["causes"]![0]!;
        Assert.Equal((reason, "spec"), ((string)cause["reason"]!, (string)cause["field"]!));
    }

    [Fact]
    public void Transition_rule_holds_for_updates_only()
    {
        Define("""{"rule":"self.low >= oldSelf.low","message":"low never falls"}""");
        _api.Create(Things, """{"metadata":{"name":"a"},"spec":{"low":5,"high":9}}""");
        _api.Merge(Things + "/a", """{"spec":{"low":6}}""");
        Assert.EndsWith("low never falls", _api.Refused(422, ApiVerb.Patch, Things + "/a", """{"spec":{"low":4}}""", "",
            "application/merge-patch+json"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("self.missing == 1", "compilation failed: ERROR: <input>:1:5: undefined field 'missing'\n | self.missing == 1\n | ....^")]
    [InlineData("self.low == 'x'",
        "compilation failed: ERROR: <input>:1:10: found no matching overload for '_==_' applied to '(int, string)'\n" +
        " | self.low == 'x'\n | .........^")]
    [InlineData("nobody == 1",
        "compilation failed: ERROR: <input>:1:1: undeclared reference to 'nobody' (in container '')\n | nobody == 1\n | ^")]
    [InlineData("self.low + 'x' == 'y'",
        "compilation failed: ERROR: <input>:1:10: found no matching overload for '_+_' applied to '(int, string)'\n" +
        " | self.low + 'x' == 'y'\n | .........^")]
    [InlineData("self.low.startsWith('x')",
        "compilation failed: ERROR: <input>:1:20: found no matching overload for 'startsWith' applied to 'int.(string)'\n" +
        " | self.low.startsWith('x')\n | ...................^")]
    [InlineData("self.low.all(x, true)",
        "compilation failed: ERROR: <input>:1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or " +
        "dynamic)\n | self.low.all(x, true)\n | ....^")]
    [InlineData("self.names.all(n, n > 3)",
        "compilation failed: ERROR: <input>:1:21: found no matching overload for '_>_' applied to '(string, int)'\n" +
        " | self.names.all(n, n > 3)\n | ....................^")]
    [InlineData("self.when > 3",
        "compilation failed: ERROR: <input>:1:11: found no matching overload for '_>_' applied to '(google.protobuf.Duration, int)'\n" +
        " | self.when > 3\n | ..........^")]
    [InlineData("self.low.frobnicate()",
        "compilation failed: ERROR: <input>:1:20: undeclared reference to 'frobnicate' (in container '')\n" +
        " | self.low.frobnicate()\n | ...................^")]
    [InlineData("self.low", "cel expression must evaluate to a bool")]
    public void Rule_that_cannot_work_is_refused_with_the_definition(string rule, string complaint)
    {
        var message = DefinitionRefusal($$"""{"rule":{{JsonValue.Create(rule).ToJsonString()}}}""");
        Assert.Contains("properties[spec].x-kubernetes-validations[0].rule: Invalid value: ", message, StringComparison.Ordinal);
        Assert.EndsWith(complaint, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("self.names.exists(n, n.size() > self.low) || !has(self.port) || self.port == 'http'")]
    [InlineData("self.low < 2.5 || self.tags.all(k, self.tags[k] != '') || 'x' in self.tags")]
    [InlineData("duration('1s') < self.when && self.names.map(n, n + 'x').size() > 0 && self.names.filter(n, n != '').size() > 0")]
    [InlineData("(self.low > 0 ? self.names.join(',') : 'none').matches('^n') && self.parts.all(p, p.id.lowerAscii() == p.id)")]
    public void Rule_of_right_types_is_accepted(string rule) => Define($$"""{"rule":{{JsonValue.Create(rule).ToJsonString()}}}""");

    [Theory]
    [InlineData("""{"rule":"true","reason":"Because"}""", "reason: Unsupported value: \"Because\"")]
    [InlineData("""{"rule":"true","fieldPath":".missing"}""", "fieldPath must be a valid path: does not refer to a valid field")]
    [InlineData("""{"rule":"true","messageExpression":"self.low"}""", "messageExpression must evaluate to a string")]
    [InlineData("""{"rule":"true","messageExpression":"self.missing"}""", "undefined field 'missing'")]
    public void Wrong_settings_of_a_rule_are_refused(string rule, string complaint) =>
        Assert.Contains(complaint, DefinitionRefusal(rule), StringComparison.Ordinal);

    [Fact]
    public void Past_of_list_items_is_known_only_where_keys_tell_which_is_which()
    {
        const string Rule = """
            {"type":"object","properties":{"id":{"type":"string"}},"x-kubernetes-validations":[{"rule":"self.id == oldSelf.id"}]}
            """;
        Assert.Contains("oldSelf cannot be used on the uncorrelatable portion of the schema",
            DefinitionRefusal("""{"rule":"true"}""", $$""","loose":{"type":"array","items":{{Rule}}}"""), StringComparison.Ordinal);
        Define("""{"rule":"true"}""", $$"""
            ,"keyed":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["id"],"items":{{Rule}}}
            """);
    }

    [Fact]
    public void Expression_of_endless_depth_is_refused_rather_than_followed()
    {
        var deep = "self" + string.Concat(System.Linq.Enumerable.Repeat(".a", 100_000));
        Assert.Contains("nested too deeply", DefinitionRefusal($$"""{"rule":"{{deep}}"}"""), StringComparison.Ordinal);
    }

    private void Define(string rule, string more = "") => _api.Create(Definitions, Definition(rule, more));

    private string DefinitionRefusal(string rule, string more = "") =>
        _api.Refused(422, ApiVerb.Create, Definitions, Definition(rule, more));

    private static string Definition(string rule, string more) => """
        {"metadata":{"name":"things.x.io"},"spec":{"group":"x.io","scope":"Namespaced","names":{"plural":"things","kind":"Thing"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{
          "spec":{"type":"object","x-kubernetes-validations":[RULE],"properties":{
           "low":{"type":"integer"},"high":{"type":"integer"},"names":{"type":"array","items":{"type":"string"}},
           "when":{"type":"string","format":"duration"},"port":{"x-kubernetes-int-or-string":true},
           "tags":{"type":"object","additionalProperties":{"type":"string"}},
           "parts":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"}}}}MORE}}}}}}]}}
        """.Replace("RULE", rule, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal);
}
