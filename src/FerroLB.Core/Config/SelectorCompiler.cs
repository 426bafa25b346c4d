using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// Turns label selectors as written into <see cref="Selector"/>s. Refused are what Kubernetes itself refuses (operators, missing or
/// superfluous values, label syntax) and repetitions: a value within an expression, an expression within a selector, a selector within a
/// list.
/// </summary>
internal static class SelectorCompiler
{
    /// <summary>Compiles a list of which one must match. Faults go to the list; the result is then of no use.</summary>
    public static SelectorList CompileList(IReadOnlyList<LabelSelector>? written, string field, FaultList faults)
    {
        if (written is null || written.Count == 0)
            return SelectorList.Empty;
        var seen = new HashSet<string>();
        var selectors = new List<Selector>();
        for (var i = 0; i < written.Count; i++)
        {
            selectors.Add(Compile(written[i], $"{field}[{i}]", faults, out var text));
            if (!seen.Add(text))
                faults.Add($"{field}[{i}]", text, "repeats an earlier selector of the list", "Remove one of the two");
        }
        return new(selectors);
    }

    /// <summary>Compiles one selector; null matches everything.</summary>
    public static Selector Compile(LabelSelector? written, string field, FaultList faults) => Compile(written, field, faults, out _);

    private static Selector Compile(LabelSelector? written, string field, FaultList faults, out string text)
    {
        var terms = new List<SelectorTerm>();
        foreach (var (key, value) in (written?.MatchLabels ?? ImmutableSortedDictionary<string, string>.Empty)
            .OrderBy(label => label.Key, StringComparer.Ordinal))
            terms.Add(CompileLabel(key, value, $"{field}.matchLabels", faults));
        var labelCount = terms.Count;
        var expressions = written?.MatchExpressions ?? [];
        var seen = new HashSet<string>();
        for (var i = 0; i < expressions.Count; i++)
        {
            var term = CompileExpression(expressions[i], $"{field}.matchExpressions[{i}]", faults);
            if (!seen.Add($"{term.Operator} {term}"))
                faults.Add(
                    $"{field}.matchExpressions[{i}]", term.ToString(), "repeats an earlier expression of the selector",
                    "Remove one of the two");
            terms.Add(term);
        }
        text = string.Join(',', terms.Take(labelCount)) + ";" + string.Join(',', terms.Skip(labelCount));
        return new(terms);
    }

    private static SelectorTerm CompileLabel(string key, string value, string field, FaultList faults)
    {
        CheckKey(key, field, faults);
        CheckValue(value, $"{field}[{key}]", faults);
        return new(key, SelectorOperator.In, [value]);
    }

    private static SelectorTerm CompileExpression(LabelSelectorRequirement written, string field, FaultList faults)
    {
        var key = written.Key ?? "";
        CheckKey(key, $"{field}.key", faults);
        ImmutableArray<string> values = [.. (written.Values ?? []).Order(StringComparer.Ordinal)];
        if (!TryReadOperator(written.Operator, out var question))
            faults.Add($"{field}.operator", written.Operator ?? "", "is not an operator", "Use In, NotIn, Exists or DoesNotExist");
        else if (question is SelectorOperator.In or SelectorOperator.NotIn && values.IsEmpty)
            faults.Add($"{field}.values", "", $"is empty, but {question} needs a value", "Add a value, or use Exists or DoesNotExist");
        else if (question is SelectorOperator.Exists or SelectorOperator.DoesNotExist && !values.IsEmpty)
            faults.Add(
                $"{field}.values", string.Join(',', values), $"is not allowed with {question}", "Remove the values, or use In or NotIn");
        for (var i = 0; i < values.Length; i++)
        {
            CheckValue(values[i], $"{field}.values", faults);
            if (i > 0 && values[i] == values[i - 1])
                faults.Add($"{field}.values", values[i], "is listed twice", "Remove one of the two");
        }
        return new(key, question, values);
    }

    private static bool TryReadOperator(string? text, out SelectorOperator question)
    {
        question = text switch
        {
            "NotIn" => SelectorOperator.NotIn,
            "Exists" => SelectorOperator.Exists,
            "DoesNotExist" => SelectorOperator.DoesNotExist,
            _ => SelectorOperator.In,
        };
        return text is "In" or "NotIn" or "Exists" or "DoesNotExist";
    }

    private static void CheckKey(string key, string field, FaultList faults)
    {
        if (!LabelSyntax.IsKey(key))
            faults.Add(field, key, LabelSyntax.KeyRule, "Correct the key");
    }

    private static void CheckValue(string value, string field, FaultList faults)
    {
        if (!LabelSyntax.IsValue(value))
            faults.Add(field, value, LabelSyntax.ValueRule, "Correct the value");
    }
}
