using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace FerroLB.Tests.Tidy;

/// <summary>The repository's own sources, parsed once: the tidy tests are rules about them.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> Files { get; } = Load();

    /// <summary>Fails with one line per violation, so that all of them can be mended at once.</summary>
    public static void AssertNone(IEnumerable<string> violations)
    {
        var lines = violations.ToList();
        Assert.True(lines.Count == 0, $"{lines.Count} violations:\n{string.Join('\n', lines)}");
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "FerroLB.slnx")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("the repository's root was not found above the tests");
    }

    private static List<SourceFile> Load() =>
    [
        .. new[] { "src", "lab", "tests" }
            .Select(top => Path.Combine(Root, top))
            .Where(Directory.Exists)
            .SelectMany(top => Directory.EnumerateFiles(top, "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path))),
    ];
}

/// <summary>One source file: its path from the root, its text and its syntax.</summary>
internal sealed class SourceFile(string path, string text)
{
    private readonly Lazy<CompilationUnitSyntax> _syntax =
        new(() => (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot());

    public string Path { get; } = path;

    public IReadOnlyList<string> Lines { get; } = text.Split('\n');

    public CompilationUnitSyntax Syntax => _syntax.Value;

    public bool IsProduct => Path.StartsWith("src/", StringComparison.Ordinal);

    public string Namespace =>
        Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString() ?? "";

    /// <summary>Every FerroLB namespace that the file names, in a using line or in a qualified name.</summary>
    public IEnumerable<string> ImportedNamespaces() =>
        Syntax.DescendantNodes().OfType<UsingDirectiveSyntax>().Select(u => u.NamespaceOrType.ToString())
            .Concat(Syntax.DescendantNodes().OfType<QualifiedNameSyntax>()
                .Where(q => q.Parent is not (BaseNamespaceDeclarationSyntax or QualifiedNameSyntax))
                .Select(q => q.ToString()))
            .Concat(Syntax.DescendantNodes().OfType<MemberAccessExpressionSyntax>().Select(m => m.ToString()))
            .Where(name => name.StartsWith("FerroLB.", StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal);

    public int LineOf(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
}
