using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Tests.Tidy;
using Xunit;

namespace FerroLB.Tests.Gossip;

/// <summary>The messages in Vectors/gossip, whose README says how they are written.</summary>
internal static class GossipVectors
{
    /// <summary>The key of the sealed ones.</summary>
    public static GossipKey Key { get; } = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    private static string Folder => Path.Combine(SourceTree.Root, "tests/FerroLB.Tests/Vectors/gossip");

    public static TheoryData<string> Named(string form) =>
        [.. Names().Where(name => Field(Lines(name), "form") == form)];

    public static byte[] Octets(string name) => Convert.FromHexString(string.Concat(Lines(name).Where(line => !line.StartsWith('#'))));

    public static string[] Reads(string name) => Field(Lines(name), "reads")!.Split(' ');

    private static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Folder, "*.hex").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    private static string[] Lines(string name) => File.ReadAllLines(Path.Combine(Folder, name + ".hex"));

    private static string? Field(string[] lines, string field) => lines
        .Where(line => line.StartsWith($"# {field}: ", StringComparison.Ordinal))
        .Select(line => line[(field.Length + 4)..])
        .FirstOrDefault();
}
