using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Schemas;
using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store.Cel;

/// <summary>The operators, functions and methods of the CEL subset.</summary>
internal static class CelFunctions
{
    /// <summary>Applies an operator or a global function; throws <see cref="CelException"/>.</summary>
    public static object? Call(string name, IReadOnlyList<object?> arguments)
    {
        if (arguments.Count == 1)
            return One(name, arguments[0]);
        if (arguments.Count != 2)
            throw Unknown(name);
        var (left, right) = (arguments[0], arguments[1]);
        return name switch
        {
            "==" => Same(left, right),
            "!=" => !Same(left, right),
            "<" => Compare(left, right) < 0,
            "<=" => Compare(left, right) <= 0,
            ">" => Compare(left, right) > 0,
            ">=" => Compare(left, right) >= 0,
            "in" => Contains(right, left),
            "+" or "-" or "*" or "/" or "%" => Arithmetic(name, left, right),
            _ => throw Unknown(name),
        };
    }

    /// <summary>Calls a method; the first argument is its target.</summary>
    public static object? Method(string name, IReadOnlyList<object?> arguments) => (name, arguments[0], arguments.Count) switch
    {
        ("size", _, 1) => One("size", arguments[0]),
        ("matches", string text, 2) => SchemaNode.CompilePattern(Text(arguments[1])).IsMatch(text),
        ("startsWith", string text, 2) => text.StartsWith(Text(arguments[1]), StringComparison.Ordinal),
        ("endsWith", string text, 2) => text.EndsWith(Text(arguments[1]), StringComparison.Ordinal),
        ("contains", string text, 2) => text.Contains(Text(arguments[1]), StringComparison.Ordinal),
        ("lowerAscii", string text, 1) => text.ToLowerInvariant(),
        ("upperAscii", string text, 1) => text.ToUpperInvariant(),
        ("trim", string text, 1) => text.Trim(),
        ("indexOf", string text, 2) => (long)text.IndexOf(Text(arguments[1]), StringComparison.Ordinal),
        ("replace", string text, 3) => text.Replace(Text(arguments[1]), Text(arguments[2]), StringComparison.Ordinal),
        ("split", string text, 2) => text.Split(Text(arguments[1])).Select(part => (object?)part).ToList(),
        ("lastIndexOf", string text, 2) => (long)text.LastIndexOf(Text(arguments[1]), StringComparison.Ordinal),
        ("substring", string text, 2) => Substring(text, arguments[1], (long)text.Length),
        ("substring", string text, 3) => Substring(text, arguments[1], arguments[2]),
        ("charAt", string text, 2) when arguments[1] is long at && at == text.Length => "",
        ("charAt", string text, 2) when arguments[1] is long at => Substring(text, at, at + 1),
        ("find", string text, 2) => SchemaNode.CompilePattern(Text(arguments[1])).Match(text).Value,
        ("findAll", string text, 2) =>
            SchemaNode.CompilePattern(Text(arguments[1])).Matches(text).Select(match => (object?)match.Value).ToList(),
        ("isSorted", List<object?> list, 1) => list.Zip(list.Skip(1)).All(pair => Compare(pair.First, pair.Second) <= 0),
        ("sum", List<object?> list, 1) => list.Aggregate((object)0L, (sum, item) => item is double && sum is 0L ? item :
            Arithmetic("+", sum, item)),
        ("min", List<object?> list, 1) => Extreme(list, -1),
        ("max", List<object?> list, 1) => Extreme(list, 1),
        ("join", List<object?> list, 1) => string.Concat(list),
        ("join", List<object?> list, 2) => string.Join(Text(arguments[1]), list),
        ("getHours", TimeSpan span, 1) => (long)span.TotalHours,
        ("getMinutes", TimeSpan span, 1) => (long)span.TotalMinutes,
        ("getSeconds", TimeSpan span, 1) => (long)span.TotalSeconds,
        ("getMilliseconds", TimeSpan span, 1) => (long)span.TotalMilliseconds,
        _ => throw Unknown(name),
    };

    /// <summary>Whether two CEL values are equal; numbers compare across types.</summary>
    public static bool Same(object? left, object? right) => (left, right) switch
    {
        (long a, double b) => a == b,
        (double a, long b) => a == b,
        (JsonObject a, JsonObject b) => JsonTree.Same(a, b),
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => Same(pair.First, pair.Second)),
        _ => Equals(left, right),
    };

    private static object? One(string name, object? value) => (name, value) switch
    {
        ("!", bool truth) => !truth,
        ("neg", long integer) => -integer,
        ("neg", double number) => -number,
        ("size", string text) => (long)text.EnumerateRunes().Count(),
        ("size", List<object?> list) => (long)list.Count,
        ("size", JsonObject map) => (long)map.Count,
        ("duration", string text) => SchemaFormats.TryParseDuration(text, out var span) ? span : throw new CelException("invalid duration"),
        ("timestamp", string text) => SchemaFormats.IsDateTime(text)
            ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)
            : throw new CelException("invalid timestamp"),
        ("int", long or double) => value is double number ? (long)number : value,
        ("int", string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : throw new CelException("type conversion error from string to int"),
        ("double", long integer) => (double)integer,
        ("double", double) or ("string", string) or ("dyn", _) => value,
        ("string", long or double or bool) => Convert.ToString(value, CultureInfo.InvariantCulture)!.ToLowerInvariant(),
        ("type", _) => value?.GetType().Name ?? "null_type",
        ("isIP", string text) => IpAddress.TryParse(text, out _),
        ("isCIDR", string text) => IpPrefix.TryParse(text, out _),
        _ => throw Unknown(name),
    };

    private static int Compare(object? left, object? right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (long or double, long or double) =>
            Convert.ToDouble(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(right, CultureInfo.InvariantCulture)),
        (string a, string b) => string.CompareOrdinal(a, b),
        (TimeSpan a, TimeSpan b) => a.CompareTo(b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (bool a, bool b) => a.CompareTo(b),
        _ => throw new CelException("no such overload"),
    };

    private static bool Contains(object? container, object? item) => container switch
    {
        List<object?> list => list.Exists(other => Same(other, item)),
        JsonObject map when item is string key => map.ContainsKey(key),
        _ => throw new CelException("no such overload"),
    };

    private static object Arithmetic(string name, object? left, object? right)
    {
        try
        {
            return (name, left, right) switch
            {
                ("+", long a, long b) => a + b,
                ("-", long a, long b) => a - b,
                ("*", long a, long b) => a * b,
                ("/", long a, long b) => b != 0 ? a / b : throw new CelException("division by zero"),
                ("%", long a, long b) => b != 0 ? a % b : throw new CelException("modulus by zero"),
                ("+", double a, double b) => a + b,
                ("-", double a, double b) => a - b,
                ("*", double a, double b) => a * b,
                ("/", double a, double b) => a / b,
                ("+", string a, string b) => a + b,
                ("+", List<object?> a, List<object?> b) => a.Concat(b).ToList(),
                ("+", TimeSpan a, TimeSpan b) => a + b,
                ("-", TimeSpan a, TimeSpan b) => a - b,
                _ => throw new CelException("no such overload"),
            };
        }
        catch (OverflowException)
        {
            throw new CelException("integer overflow");
        }
    }

    private static string Substring(string text, object? from, object? to) =>
        from is long start && to is long end && start >= 0 && start <= end && end <= text.Length
            ? text[(int)start..(int)end]
            : throw new CelException("index out of range: " + from);

    private static object? Extreme(List<object?> list, int sign) => list.Count == 0
        ? throw new CelException((sign < 0 ? "min" : "max") + " called on empty list")
        : list.Aggregate((best, item) => Compare(item, best) * sign > 0 ? item : best);

    private static string Text(object? value) => value as string ?? throw new CelException("no such overload");

    private static CelException Unknown(string name) => new($"undeclared reference to '{name}' or no such overload");
}
