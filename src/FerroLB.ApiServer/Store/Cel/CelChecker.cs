using System;
using System.Collections.Generic;

namespace FerroLB.ApiServer.Store.Cel;

/// <summary>
/// Finds in an expression what can never work, before any object is judged by it: names that nothing declares, members that the schema does
/// not have, operands of the wrong type. The words and the marks below the text are those of the compiler that Kubernetes uses.
/// </summary>
internal sealed class CelChecker
{
    private readonly List<(string Name, CelType Type)> _variables = [];
    private readonly List<(int At, string Message)> _errors = [];

    private CelChecker(CelType self)
    {
        _variables.Add(("self", self));
        _variables.Add(("oldSelf", self));
    }

    /// <summary>What is wrong with an expression over values of a type; null when nothing is.</summary>
    /// <param name="text">The expression as written.</param>
    /// <param name="expression">The same, parsed.</param>
    /// <param name="self">The type of `self` and `oldSelf`.</param>
    /// <param name="result">The type that it must have, bool or string.</param>
    /// <param name="resultError">What to say when it has another.</param>
    public static string? Check(string text, CelNode expression, CelType self, CelType result, string resultError)
    {
        var checker = new CelChecker(self);
        var type = checker.TypeOf(expression);
        if (checker._errors.Count > 0)
            return "compilation failed: " + string.Join('\n', checker._errors.ConvertAll(error => Show(text, error.At, error.Message)));
        return type.IsDyn || type.Name == result.Name ? null : resultError;
    }

    private static string Show(string text, int at, string message)
    {
        var start = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        var end = text.IndexOf('\n', at);
        var line = end < 0 ? text[start..] : text[start..end];
        var number = text.AsSpan(0, start).Count('\n') + 1;
        return $"ERROR: <input>:{number}:{at - start + 1}: {message}\n | {line}\n | {new string('.', at - start)}^";
    }

    private CelType TypeOf(CelNode node) => node.Kind switch
    {
        CelKind.Literal => CelType.OfLiteral(node.Value),
        CelKind.Identifier => Variable(node),
        CelKind.Select => Select(node),
        CelKind.Index => Index(node),
        CelKind.List => List(node),
        CelKind.Map => Map(node),
        CelKind.Method => Method(node),
        _ => Call(node),
    };

    private CelType Variable(CelNode node)
    {
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name == node.Text)
                return _variables[i].Type;
        }
        return Fail(node, $"undeclared reference to '{node.Text}' (in container '')");
    }

    private CelType Select(CelNode node)
    {
        var target = TypeOf(node.Children[0]);
        switch (target.Name)
        {
            case "dyn":
                return CelType.Dyn;
            case "map":
                return target.Element!;
            case "object":
                return target.Members!.TryGetValue(CelEvaluator.Unescape(node.Text), out var member)
                    ? member
                    : Fail(node, $"undefined field '{node.Text}'");
            default:
                return Fail(node, $"type '{target}' does not support field selection");
        }
    }

    private CelType Index(CelNode node)
    {
        var (target, key) = (TypeOf(node.Children[0]), TypeOf(node.Children[1]));
        return (target.Name, key.Name) switch
        {
            ("dyn", _) => CelType.Dyn,
            ("list", "int" or "dyn") or ("map", "string" or "dyn") => target.Element!,
            _ => NoOverload(node, "_[_]", [target, key]),
        };
    }

    private CelType List(CelNode node)
    {
        CelType? element = null;
        foreach (var child in node.Children)
        {
            var type = TypeOf(child);
            element = element is null || element.Name == type.Name ? type : CelType.Dyn;
        }
        return CelType.List(element ?? CelType.Dyn);
    }

    private CelType Map(CelNode node)
    {
        foreach (var child in node.Children)
            TypeOf(child);
        return CelType.Map(CelType.Dyn);
    }

    private CelType Call(CelNode node)
    {
        if (node.Text == "has")
        {
            if (node.Children is not [{ Kind: CelKind.Select } select])
                return Fail(node, "invalid argument to has() macro");
            TypeOf(select);
            return CelType.Bool;
        }
        var operands = Types(node.Children, 0);
        switch (node.Text)
        {
            case "&&" or "||" or "!":
                return operands.TrueForAll(type => type.IsDyn || type.Name == "bool") ? CelType.Bool : NoOverload(node, operands);
            case "?:":
                if (!operands[0].IsDyn && operands[0].Name != "bool")
                    return NoOverload(node, operands);
                return operands[1].Name == operands[2].Name ? operands[1] : CelType.Dyn;
            case "==" or "!=":
                return CanBeSame(operands[0], operands[1]) ? CelType.Bool : NoOverload(node, operands);
            case "<" or "<=" or ">" or ">=":
                return CanBeOrdered(operands[0], operands[1]) ? CelType.Bool : NoOverload(node, operands);
            case "in":
                return operands[1].Name is "list" or "map" or "dyn" && (operands[1].Name != "list" || CanBeSame(operands[0],
                    operands[1].Element!)) ? CelType.Bool : NoOverload(node, operands);
            case "neg":
                return operands[0].Name is "int" or "double" or "dyn" ? operands[0] : NoOverload(node, operands);
            case "+" or "-" or "*" or "/" or "%":
                return Arithmetic(node.Text, operands[0], operands[1]) ?? NoOverload(node, operands);
        }
        if (!CelSignatures.TryFunction(node.Text, operands, out var result))
            return Fail(node, $"undeclared reference to '{node.Text}' (in container '')");
        return result ?? NoOverload(node, node.Text, operands);
    }

    private CelType Method(CelNode node)
    {
        if (node.Text is ("all" or "exists" or "exists_one" or "filter" or "map") &&
            node.Children is [_, { Kind: CelKind.Identifier } variable, ..] && node.Children.Length >= 3)
            return Macro(node, variable.Text);
        var operands = Types(node.Children, 0);
        if (!CelSignatures.TryMethod(node.Text, operands, out var result))
            return Fail(node, $"undeclared reference to '{node.Text}' (in container '')");
        var shown = $"{operands[0]}.({string.Join(", ", operands.GetRange(1, operands.Count - 1))})";
        return result ?? Fail(node, $"found no matching overload for '{node.Text}' applied to '{shown}'");
    }

    private CelType Macro(CelNode node, string variable)
    {
        var range = TypeOf(node.Children[0]);
        if (range.Name is not ("list" or "map" or "dyn"))
            return Fail(node.Children[0],
                $"expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)");
        _variables.Add((variable, range.Name == "list" ? range.Element! : range.Name == "map" ? CelType.Text : CelType.Dyn));
        var types = Types(node.Children, 2);
        _variables.RemoveAt(_variables.Count - 1);
        if (node.Text == "map")
            return CelType.List(types[^1]);
        if (!types[0].IsDyn && types[0].Name != "bool")
            return Fail(node, $"expected type 'bool' but found '{types[0]}'");
        return node.Text == "filter" ? CelType.List(range.Name == "list" ? range.Element! : CelType.Dyn) : CelType.Bool;
    }

    private List<CelType> Types(IReadOnlyList<CelNode> nodes, int from)
    {
        var types = new List<CelType>();
        for (var i = from; i < nodes.Count; i++)
            types.Add(TypeOf(nodes[i]));
        return types;
    }

    private static bool CanBeSame(CelType left, CelType right)
    {
        if (left.IsDyn || right.IsDyn)
            return true;
        if (left.Name == "null_type" || right.Name == "null_type")
            return left.Name is not ("int" or "double" or "string" or "bool")
                && right.Name is not ("int" or "double" or "string" or "bool");
        return left.Name == right.Name && (left.Element is null || right.Element is null || CanBeSame(left.Element, right.Element));
    }

    private static bool CanBeOrdered(CelType left, CelType right)
    {
        if (left.IsDyn || right.IsDyn)
            return true;
        if (left.Name is "int" or "double" && right.Name is "int" or "double")
            return true;
        return left.Name == right.Name && left.Name is not ("list" or "map" or "object" or "null_type");
    }

    private static CelType? Arithmetic(string name, CelType left, CelType right)
    {
        if (left.IsDyn || right.IsDyn)
            return left.IsDyn ? right : left;
        return (name, left.Name, right.Name) switch
        {
            (_, "int", "int") => left,
            ("+" or "-" or "*" or "/", "double", "double") => left,
            ("+", "string", "string") or ("+", "list", "list") or ("+", "bytes", "bytes") => left,
            ("+" or "-", "google.protobuf.Duration", "google.protobuf.Duration") => left,
            ("+" or "-", "google.protobuf.Timestamp", "google.protobuf.Duration") => left,
            ("-", "google.protobuf.Timestamp", "google.protobuf.Timestamp") => CelType.Duration,
            _ => null,
        };
    }

    private CelType NoOverload(CelNode node, List<CelType> operands) => NoOverload(node, node.Text switch
    {
        "!" => "!_",
        "neg" => "-_",
        "?:" => "_?_:_",
        "in" => "@in",
        _ => $"_{node.Text}_",
    }, operands);

    private CelType NoOverload(CelNode node, string name, List<CelType> operands) =>
        Fail(node, $"found no matching overload for '{name}' applied to '({string.Join(", ", operands)})'");

    // What follows from an error is not told as well.
    private CelType Fail(CelNode node, string message)
    {
        _errors.Add((node.At, message));
        return CelType.Dyn;
    }
}
