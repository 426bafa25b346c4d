using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FerroLB.Core.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FerroLB.App.Commands;

/// <summary>Reads excludel2.yaml: the list announcedInterfacesToExclude of regular expressions for interface names. No file excludes
/// nothing.</summary>
internal static class ExcludedInterfacesFile
{
    private const string Key = "announcedInterfacesToExclude";

    /// <summary>Where the manifests mount it.</summary>
    public const string DefaultPath = "/etc/metallb/excludel2.yaml";

    /// <summary>Reads the file.</summary>
    /// <exception cref="StartException">It is there, but not usable.</exception>
    public static InterfaceExclusions Read(string path)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(File.ReadAllText(path)));
            var patterns = yaml.Documents.Count == 0 ? [] : PatternsOf(path, yaml.Documents[0].RootNode);
            return InterfaceExclusions.TryCreate(patterns, out var exclusions, out var error)
                ? exclusions
                : throw new StartException(1, $"{path}: {error}.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return InterfaceExclusions.None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException(1, $"cannot read {path}: {e.Message} Make it readable, or remove it.");
        }
        catch (YamlException e)
        {
            throw new StartException(1, $"{path}, line {e.Start.Line}, column {e.Start.Column}: {e.Message} Correct the YAML.");
        }
    }

    private static List<string> PatternsOf(string path, YamlNode root)
    {
        if (root is not YamlMappingNode mapping)
            throw new StartException(1, $"{path}: expected a mapping with the key {Key}.");
        if (!mapping.Children.TryGetValue(Key, out var list) || list is YamlScalarNode { Value: null or "" or "null" or "~" })
            return [];
        if (list is not YamlSequenceNode items || items.Any(i => i is not YamlScalarNode))
            throw new StartException(1, $"{path}: {Key} must be a list of regular expressions, such as [\"^docker.*\"].");
        return [.. items.Cast<YamlScalarNode>().Select(i => i.Value ?? "")];
    }
}
