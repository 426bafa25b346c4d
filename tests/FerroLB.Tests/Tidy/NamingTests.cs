using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace FerroLB.Tests.Tidy;

/// <summary>Names and shapes that a reader may rely on.</summary>
public sealed class NamingTests
{
    private static readonly string[] EmptyWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Base"];

    [Fact]
    public void No_type_hides_behind_an_empty_word() =>
        SourceTree.AssertNone(
            from file in SourceTree.Files
            from type in TypesOf(file)
            where EmptyWords.Any(word => type.Identifier.Text.EndsWith(word, StringComparison.Ordinal))
            select $"{file.Path}: {type.Identifier.Text}");

    [Fact]
    public void Every_class_is_sealed_static_or_abstract() =>
        SourceTree.AssertNone(
            from file in SourceTree.Files
            from type in TypesOf(file)
            where type is ClassDeclarationSyntax ||
                (type is RecordDeclarationSyntax record && !record.ClassOrStructKeyword.IsKind(SyntaxKind.StructKeyword))
            where !type.Modifiers.Any(m =>
                m.IsKind(SyntaxKind.SealedKeyword) || m.IsKind(SyntaxKind.StaticKeyword) || m.IsKind(SyntaxKind.AbstractKeyword))
            where !(type.Modifiers.Any(SyntaxKind.PartialKeyword))
            select $"{file.Path}: {type.Identifier.Text}");

    [Fact]
    public void A_product_file_is_named_after_a_type_it_declares() =>
        SourceTree.AssertNone(
            from file in SourceTree.Files
            where file.IsProduct
            let names = TypesOf(file).Select(t => t.Identifier.Text).ToList()
            let fileName = Path.GetFileNameWithoutExtension(file.Path).Split('.')[0]
            where names.Count > 0 && !names.Contains(fileName)
            select $"{file.Path} declares {string.Join(", ", names)}");

    [Fact]
    public void Every_folder_of_the_product_is_on_the_map()
    {
        var map = File.ReadAllText(Path.Combine(SourceTree.Root, "ARCHITECTURE.md"));
        var folders = SourceTree.Files
            .Where(f => !f.Path.StartsWith("tests/", StringComparison.Ordinal))
            .Select(f => f.Path.Split('/'))
            .Where(parts => parts.Length > 3)
            .Select(parts => $"{parts[1]["FerroLB.".Length..]}/{parts[2]}")
            .Distinct(StringComparer.Ordinal);
        SourceTree.AssertNone(folders
            .Where(folder => !map.Contains(folder, StringComparison.Ordinal))
            .Select(folder => $"ARCHITECTURE.md does not name {folder}"));
    }

    private static IEnumerable<BaseTypeDeclarationSyntax> TypesOf(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>();
}
