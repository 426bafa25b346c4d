using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using YamlDotNet.RepresentationModel;

namespace FerroLB.Tests.Deploy;

/// <summary>Reads the YAML files of the repository.</summary>
internal static class YamlFiles
{
    /// <summary>The directory that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All documents of all YAML files directly in a directory, by file name.</summary>
    public static IReadOnlyList<YamlMappingNode> ReadAll(string directory) =>
        [.. Directory.GetFiles(Path.Combine(Root, directory), "*.yaml").Order(StringComparer.Ordinal).SelectMany(ReadFile)];

    private static IEnumerable<YamlMappingNode> ReadFile(string path)
    {
        using var reader = new StreamReader(path);
        var stream = new YamlStream();
        stream.Load(reader);
        return stream.Documents.Select(document => (YamlMappingNode)document.RootNode);
    }

    /// <summary>The node at a path of keys and indexes separated by '/', or null.</summary>
    public static YamlNode? At(this YamlNode node, string path)
    {
        YamlNode? current = node;
        foreach (var key in path.Split('/'))
        {
            current = current switch
            {
                YamlMappingNode map => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null,
                YamlSequenceNode list when int.TryParse(key, out var index) && index < list.Children.Count => list.Children[index],
                _ => null,
            };
        }

        return current;
    }

    /// <summary>The scalar at a path, or null.</summary>
    public static string? Text(this YamlNode node, string path) => (node.At(path) as YamlScalarNode)?.Value;

    /// <summary>The scalars of the list at a path; empty when there is none.</summary>
    public static IReadOnlyList<string> Texts(this YamlNode node, string path) =>
        node.At(path) is YamlSequenceNode list ? [.. list.Children.Select(child => ((YamlScalarNode)child).Value ?? "")] : [];

    /// <summary>The entries of the mapping at a path, in file order; empty when there is none.</summary>
    public static IEnumerable<(string Key, YamlNode Value)> Entries(this YamlNode node, string path) =>
        node.At(path) is YamlMappingNode map ? map.Children.Select(entry => (((YamlScalarNode)entry.Key).Value ?? "", entry.Value)) : [];

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "FerroLB.slnx")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the tests must run from inside the repository");
    }
}
