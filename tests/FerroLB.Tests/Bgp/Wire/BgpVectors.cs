using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Tests.Tidy;

namespace FerroLB.Tests.Bgp.Wire;

/// <summary>The messages in Vectors/bgp, whose README says how they are written.</summary>
internal sealed class BgpVectors(string[] lines)
{
    private static string Root => Path.Combine(SourceTree.Root, "tests/FerroLB.Tests/Vectors/bgp");

    public byte[] Message => BgpOctets.Hex(string.Concat(lines.Where(line => !line.StartsWith('#'))));

    public bool IsExtended => Session.Contains("extended");

    public BgpUpdateContext Context => new()
    {
        IsInternal = Session.Contains("internal"),
        FourOctetAs = !Session.Contains("two-octet"),
        IPv4Unicast = !Session.Contains("ipv6-only"),
        IPv6Unicast = !Session.Contains("ipv4-only"),
        IPv4OverIPv6 = Session.Contains("ipv4-over-ipv6"),
        FirstAsn = Session.FirstOrDefault(IsFirstAs) is { } word ? uint.Parse(word["first-as=".Length..]) : null,
    };

    private static bool IsFirstAs(string word) => word.StartsWith("first-as=", StringComparison.Ordinal);

    private string[] Session => (this["session"] ?? "").Split(' ');

    /// <summary>The value of a field in the comments; null when it is absent.</summary>
    public string? this[string field] => lines
        .Where(line => line.StartsWith($"# {field}: ", StringComparison.Ordinal))
        .Select(line => line[(field.Length + 4)..])
        .FirstOrDefault();

    public static IEnumerable<string> Names(string folder) => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.hex")
        .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    public static BgpVectors Read(string folder, string name) => new(File.ReadAllLines(Path.Combine(Root, folder, name + ".hex")));
}
