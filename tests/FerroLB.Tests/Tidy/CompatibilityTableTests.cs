using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace FerroLB.Tests.Tidy;

/// <summary>
/// docs/compatibility.md and docs/kubernetes-client.md name the tests that show each row. Their claims are held against the sources, so
/// that they cannot rot.
/// </summary>
public sealed partial class CompatibilityTableTests
{
    private static readonly string[] Documents = ["docs/compatibility.md", "docs/kubernetes-client.md"];

    /// <summary>How a row without a test must begin to say so.</summary>
    private static readonly string[] Reasons = ["No test", "Not yet", "Not applicable"];

    private static readonly Lazy<SortedSet<string>> Tests = new(FindTests);

    [Fact]
    public void Every_test_that_the_table_names_exists() =>
        SourceTree.AssertNone(
            from row in Rows()
            from name in NamesIn(row.Cells[^1])
            where !Tests.Value.Contains(name)
            select $"{row.Document}:{row.Line}: there is no test {name}");

    [Fact]
    public void Every_row_names_a_test_or_says_why_it_has_none() =>
        SourceTree.AssertNone(
            from row in Rows()
            where !NamesIn(row.Cells[^1]).Any() && !Reasons.Any(reason => row.Cells[^1].StartsWith(reason, StringComparison.Ordinal))
            select $"{row.Document}:{row.Line}: {row.Cells[0]}");

    [Fact]
    public void Every_row_of_a_table_has_as_many_cells_as_its_head() =>
        SourceTree.AssertNone(Rows().Where(row => row.Cells.Length != row.Columns).Select(row => $"{row.Document}:{row.Line}"));

    [Fact]
    public void The_document_has_rows() => Assert.InRange(Rows().Count(), 200, 2000);

    private static IEnumerable<string> NamesIn(string cell) => CodeSpan().Matches(cell).Select(match => match.Groups[1].Value);

    /// <summary>"Class.Method" of every test in the sources, and "Class" for a whole class of them.</summary>
    private static SortedSet<string> FindTests()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in SourceTree.Files.SelectMany(file => file.Syntax.DescendantNodes().OfType<ClassDeclarationSyntax>()))
        {
            foreach (var method in type.Members.OfType<MethodDeclarationSyntax>().Where(IsTest))
                names.Add($"{type.Identifier.Text}.{method.Identifier.Text}");
        }
        return names;
    }

    private static bool IsTest(MethodDeclarationSyntax method) => method.AttributeLists
        .SelectMany(list => list.Attributes).Any(attribute => attribute.Name.ToString() is "Fact" or "Theory");

    private static IEnumerable<(string Document, int Line, string[] Cells, int Columns)> Rows() => Documents.SelectMany(RowsOf);

    private static IEnumerable<(string Document, int Line, string[] Cells, int Columns)> RowsOf(string document)
    {
        var columns = 0;
        var lines = File.ReadAllLines(Path.Combine(SourceTree.Root, document));
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith('|'))
            {
                columns = 0;
                continue;
            }
            // A bar in code is written as \|, as Markdown demands.
            var cells = UnescapedBar().Split(lines[i].Trim().Trim('|')).Select(cell => cell.Trim()).ToArray();
            if (columns == 0)
                columns = cells.Length;
            else if (!cells.All(cell => cell.All(c => c is '-' or ':')))
                yield return (document, i + 1, cells, columns);
        }
    }

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*Tests?\\.[A-Z][A-Za-z0-9_]*)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex UnescapedBar();
}
