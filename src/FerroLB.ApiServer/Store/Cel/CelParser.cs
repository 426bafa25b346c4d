using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using FerroLB.ApiServer.Store.Schemas;

namespace FerroLB.ApiServer.Store.Cel;

/// <summary>Parses the subset of the Common Expression Language that validation rules use.</summary>
internal sealed class CelParser
{
    private const int MaximumDepth = 100;
    private const int MaximumNodeDepth = 400;

    private static readonly string[][] Levels = [["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]];

    private readonly List<CelToken> _tokens;
    private int _next;
    private int _depth;

    private CelParser(List<CelToken> tokens) => _tokens = tokens;

    /// <summary>Parses, or says why not.</summary>
    public static bool TryParse(string text, out CelNode? expression, out string error)
    {
        expression = null;
        error = "";
        try
        {
            var parser = new CelParser(CelLexer.Read(text));
            expression = parser.Conditional();
            if (parser._next < parser._tokens.Count - 1)
                throw new CelException($"Syntax error: unexpected '{parser.Current.Text}'");
            // Everything that walks over an expression does so by recursion.
            if (expression.Depth > MaximumNodeDepth)
                throw new CelException("expression is nested too deeply");
            return true;
        }
        catch (CelException e)
        {
            expression = null;
            error = e.Message;
            return false;
        }
    }

    private CelToken Current => _tokens[_next];

    private bool Accept(string text)
    {
        if (Current.IsLiteral || Current.Text != text)
            return false;
        _next++;
        return true;
    }

    private void Expect(string text)
    {
        if (!Accept(text))
            throw new CelException(
                $"Syntax error: expecting '{text}', found '{(_next == _tokens.Count - 1 ? "<EOF>" : Current.Text)}'");
    }

    private CelNode Conditional()
    {
        if (++_depth > MaximumDepth)
            throw new CelException("expression is nested too deeply");
        var condition = Or();
        var at = Current.At;
        if (Accept("?"))
        {
            var yes = Or();
            Expect(":");
            condition = Call("?:", at, condition, yes, Conditional());
        }
        _depth--;
        return condition;
    }

    private CelNode Or()
    {
        var left = And();
        for (var at = Current.At; Accept("||"); at = Current.At)
            left = Call("||", at, left, And());
        return left;
    }

    private CelNode And()
    {
        var left = Binary(0);
        for (var at = Current.At; Accept("&&"); at = Current.At)
            left = Call("&&", at, left, Binary(0));
        return left;
    }

    private CelNode Binary(int level)
    {
        if (level == Levels.Length)
            return Unary();
        var left = Binary(level + 1);
        while (!Current.IsLiteral && Array.IndexOf(Levels[level], Current.Text) >= 0)
        {
            var (name, at) = (Current.Text, Current.At);
            _next++;
            left = Call(name, at, left, Binary(level + 1));
        }
        return left;
    }

    private CelNode Unary()
    {
        var nots = 0;
        var at = Current.At;
        while (Accept("!"))
            nots++;
        var minuses = 0;
        while (Accept("-"))
            minuses++;
        var operand = Member();
        if (minuses % 2 == 1)
            operand = Call("neg", at, operand);
        for (; nots > 0; nots--)
            operand = Call("!", at, operand);
        return operand;
    }

    private CelNode Member()
    {
        var target = Primary();
        while (true)
        {
            var at = Current.At;
            if (Accept("."))
            {
                if (!Current.IsIdentifier)
                    throw new CelException("Syntax error: expecting a field name after '.'");
                var name = _tokens[_next++].Text;
                var bracket = Current.At;
                target = Accept("(")
                    ? Method(name, [target, .. Arguments(")")], bracket)
                    : new CelNode(CelKind.Select, name, null, [target]) { At = at };
            }
            else if (Accept("["))
            {
                target = new CelNode(CelKind.Index, "", null, [target, Conditional()]) { At = at };
                Expect("]");
            }
            else
                return target;
        }
    }

    private static CelNode Method(string name, ImmutableArray<CelNode> operands, int at) => new(CelKind.Method, name, null, operands)
    {
        At = at,
        Pattern = name == "matches" && operands is [_, { Kind: CelKind.Literal, Value: string pattern }] ? Compile(pattern) : null,
    };

    // A faulty pattern is complained of when it is used.
    private static Regex? Compile(string pattern)
    {
        try
        {
            return SchemaNode.CompilePattern(pattern);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private CelNode Primary()
    {
        var token = Current;
        if (token.IsLiteral)
        {
            _next++;
            return new(CelKind.Literal, "", token.Value, []);
        }
        if (Accept("("))
        {
            var inner = Conditional();
            Expect(")");
            return inner;
        }
        if (Accept("["))
            return new(CelKind.List, "", null, Arguments("]"));
        if (Accept("{"))
            return new(CelKind.Map, "", null, MapEntries());
        if (!token.IsIdentifier)
            throw new CelException($"Syntax error: mismatched input '{(token.Text.Length == 0 ? "<EOF>" : token.Text)}'");
        _next++;
        var bracket = Current.At;
        return token.Text switch
        {
            "true" => new(CelKind.Literal, "", true, []),
            "false" => new(CelKind.Literal, "", false, []),
            "null" => new(CelKind.Literal, "", null, []),
            _ when Accept("(") => new(CelKind.Call, token.Text, null, Arguments(")")) { At = bracket },
            _ => new(CelKind.Identifier, token.Text, null, []) { At = token.At },
        };
    }

    private ImmutableArray<CelNode> Arguments(string end)
    {
        var arguments = ImmutableArray.CreateBuilder<CelNode>();
        if (Accept(end))
            return [];
        do
            arguments.Add(Conditional());
        while (Accept(","));
        Expect(end);
        return arguments.ToImmutable();
    }

    private ImmutableArray<CelNode> MapEntries()
    {
        var entries = ImmutableArray.CreateBuilder<CelNode>();
        if (Accept("}"))
            return [];
        do
        {
            entries.Add(Conditional());
            Expect(":");
            entries.Add(Conditional());
        }
        while (Accept(","));
        Expect("}");
        return entries.ToImmutable();
    }

    private static CelNode Call(string name, int at, params ImmutableArray<CelNode> operands) =>
        new(CelKind.Call, name, null, operands) { At = at };
}
