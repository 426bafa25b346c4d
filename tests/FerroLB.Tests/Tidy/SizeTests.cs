using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace FerroLB.Tests.Tidy;

/// <summary>Size ratchets. A number here may be lowered; an exemption names one place and its reason.</summary>
public sealed class SizeTests
{
    private const int MostLinesPerFunction = 60;
    private const int MostLinesPerFile = 500;
    private const int MostColumns = 140;

    // "path" or "path#Function" -> why one long piece reads better than several short ones.
    private static readonly SortedDictionary<string, string> Exempt = new(StringComparer.Ordinal)
    {
    };

    [Fact]
    public void No_function_is_longer_than_a_screen()
    {
        var tooLong =
            from file in SourceTree.Files
            from function in file.Syntax.DescendantNodes()
            where function is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
            let lines = LinesOf(function)
            where lines > MostLinesPerFunction
            let name = NameOf(function)
            where !Exempt.ContainsKey($"{file.Path}#{name}")
            select $"{file.Path}:{file.LineOf(function)}: {name} has {lines} lines, at most {MostLinesPerFunction} are allowed";
        SourceTree.AssertNone(tooLong);
    }

    [Fact]
    public void No_file_has_outgrown_its_subject() =>
        SourceTree.AssertNone(SourceTree.Files
            .Where(f => f.Lines.Count > MostLinesPerFile && !Exempt.ContainsKey(f.Path))
            .Select(f => $"{f.Path} has {f.Lines.Count} lines, at most {MostLinesPerFile} are allowed"));

    [Fact]
    public void No_line_needs_a_wider_window()
    {
        var wide =
            from file in SourceTree.Files
            from line in file.Lines.Select((text, index) => (text, number: index + 1))
            where line.text.Length > MostColumns
            select $"{file.Path}:{line.number} has {line.text.Length} columns";
        SourceTree.AssertNone(wide);
    }

    [Fact]
    public void Every_exemption_is_still_needed() =>
        Assert.All(Exempt.Keys, key => Assert.Contains(SourceTree.Files, f => f.Path == key.Split('#')[0]));

    private static int LinesOf(SyntaxNode function)
    {
        var span = function.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private static string NameOf(SyntaxNode function) => function switch
    {
        MethodDeclarationSyntax m => m.Identifier.Text,
        ConstructorDeclarationSyntax c => c.Identifier.Text,
        LocalFunctionStatementSyntax l => l.Identifier.Text,
        _ => function.Kind().ToString(),
    };
}
