using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Cel;

/// <summary>
/// Evaluates a parsed expression. Values are null, bool, long, double, string, TimeSpan, DateTimeOffset, JsonObject (a map) and
/// List&lt;object?&gt;.
/// The number of steps is bounded, so that a rule over a large object cannot hold up the server.
/// </summary>
internal sealed class CelEvaluator
{
    private const int MaximumSteps = 200_000;

    private readonly List<(string Name, object? Value)> _variables = [];
    private int _steps;

    private CelEvaluator(ReadOnlySpan<(string Name, JsonNode? Value)> variables)
    {
        foreach (var (name, value) in variables)
            _variables.Add((name, FromJson(value)));
    }

    /// <summary>The value of an expression over the new and old value; throws <see cref="CelException"/> when there is none.</summary>
    public static object? Evaluate(CelNode expression, JsonNode? self, JsonNode? oldSelf) =>
        new CelEvaluator([("self", self), ("oldSelf", oldSelf)]).Value(expression);

    /// <summary>The value of an expression over other variables; throws <see cref="CelException"/> when there is none.</summary>
    public static object? Evaluate(CelNode expression, params ReadOnlySpan<(string Name, JsonNode? Value)> variables) =>
        new CelEvaluator(variables).Value(expression);

    /// <summary>A JSON value as a CEL value.</summary>
    public static object? FromJson(JsonNode? node) => node switch
    {
        null => null,
        JsonArray array => array.Select(FromJson).ToList(),
        JsonObject => node,
        _ when node.AsText() is { } text => text,
        _ when node.Boolean() is { } truth => truth,
        JsonValue value when value.TryGetValue(out double number) => number,
        _ => node.AsInteger(),
    };

    private object? Value(CelNode node)
    {
        if (++_steps > MaximumSteps)
            throw new CelException("operation cancelled: actual cost limit exceeded");
        return node.Kind switch
        {
            CelKind.Literal => node.Value,
            CelKind.Identifier => Variable(node.Text),
            CelKind.Select => Select(node),
            CelKind.Index => Index(Value(node.Children[0]), Value(node.Children[1])),
            CelKind.List => node.Children.Select(Value).ToList(),
            CelKind.Map => MapLiteral(node),
            CelKind.Method => Method(node),
            _ => Call(node),
        };
    }

    private object? Variable(string name)
    {
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name == name)
                return _variables[i].Value;
        }
        throw new CelException($"undeclared reference to '{name}'");
    }

    private object? Select(CelNode node) =>
        Value(node.Children[0]) is JsonObject map && map.TryGetPropertyValue(Unescape(node.Text), out var value)
            ? FromJson(value)
            : throw new CelException($"no such key: {node.Text}");

    private static object? Index(object? target, object? key) => (target, key) switch
    {
        (List<object?> list, long i) when i >= 0 && i < list.Count => list[(int)i],
        (List<object?>, long i) => throw new CelException($"index out of bounds: {i}"),
        (JsonObject map, string name) when map.TryGetPropertyValue(name, out var value) => FromJson(value),
        (JsonObject, string name) => throw new CelException($"no such key: {name}"),
        _ => throw NoOverload(),
    };

    private JsonObject MapLiteral(CelNode node)
    {
        var map = new JsonObject();
        for (var i = 0; i < node.Children.Length; i += 2)
            map[Value(node.Children[i]) as string ?? throw NoOverload()] = ToJson(Value(node.Children[i + 1]));
        return map;
    }

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        string text => text,
        bool truth => truth,
        long integer => integer,
        double number => number,
        JsonObject map => map.DeepClone(),
        List<object?> list => new JsonArray([.. list.Select(ToJson)]),
        _ => value.ToString(),
    };

    private object? Call(CelNode node)
    {
        switch (node.Text)
        {
            case "&&":
                return Logic(node, false);
            case "||":
                return Logic(node, true);
            case "?:":
                return Truth(Value(node.Children[0])) ? Value(node.Children[1]) : Value(node.Children[2]);
            case "has":
                return node.Children is [{ Kind: CelKind.Select } select] && Value(select.Children[0]) is JsonObject map &&
                    map.TryGetPropertyValue(Unescape(select.Text), out var member) && member is not null;
            default:
                return CelFunctions.Call(node.Text, [.. node.Children.Select(Value)]);
        }
    }

    // An error on one side does not matter when the other side decides.
    private bool Logic(CelNode node, bool decisive)
    {
        CelException? error = null;
        foreach (var child in node.Children)
        {
            try
            {
                if (Truth(Value(child)) == decisive)
                    return decisive;
            }
            catch (CelException e)
            {
                error ??= e;
            }
        }
        return error is null ? !decisive : throw error;
    }

    private object? Method(CelNode node)
    {
        if (node.Text is ("all" or "exists" or "exists_one" or "filter" or "map") &&
            node.Children.Length >= 3 && node.Children[1].Kind == CelKind.Identifier)
            return Macro(node, node.Children[1].Text);
        if (node.Pattern is { } pattern && Value(node.Children[0]) is string text)
            return pattern.IsMatch(text);
        return CelFunctions.Method(node.Text, [.. node.Children.Select(Value)]);
    }

    private object? Macro(CelNode node, string variable)
    {
        var results = new List<object?>();
        var matches = 0;
        CelException? error = null;
        var items = Items(Value(node.Children[0]));
        foreach (var item in items)
        {
            _variables.Add((variable, item));
            try
            {
                var value = Value(node.Children[2]);
                if (node.Text == "map")
                    AddMapped(node, value, results);
                else if (Truth(value))
                {
                    matches++;
                    results.Add(item);
                }
            }
            catch (CelException e) when (node.Text is "all" or "exists")
            {
                error ??= e;
            }
            finally
            {
                _variables.RemoveAt(_variables.Count - 1);
            }
        }
        var failures = items.Count - matches - (error is null ? 0 : 1);
        return node.Text switch
        {
            "exists" when matches > 0 => true,
            "all" when failures > 0 && error is null => false,
            _ when error is not null => throw error,
            "all" => true,
            "exists" => false,
            "exists_one" => matches == 1,
            _ => results,
        };
    }

    private void AddMapped(CelNode node, object? value, List<object?> results)
    {
        if (node.Children.Length == 3)
            results.Add(value);
        else if (Truth(value))
            results.Add(Value(node.Children[3]));
    }

    private static List<object?> Items(object? value) => value switch
    {
        List<object?> list => list,
        JsonObject map => [.. map.Select(member => (object?)member.Key)],
        _ => throw NoOverload(),
    };

    private static bool Truth(object? value) => value is bool truth ? truth : throw NoOverload();

    private static CelException NoOverload() => new("no such overload");

    /// <summary>A field's name; those that are no identifiers are written with escapes, as in "__dash__" for '-'.</summary>
    public static string Unescape(string name) => !name.Contains("__", StringComparison.Ordinal)
        ? name
        : name.Replace("__underscores__", "\0", StringComparison.Ordinal).Replace("__dot__", ".", StringComparison.Ordinal)
            .Replace("__dash__", "-", StringComparison.Ordinal).Replace("__slash__", "/", StringComparison.Ordinal)
            .Replace("\0", "__", StringComparison.Ordinal);
}
