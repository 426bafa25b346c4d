using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FerroLB.Protocols.Arp;
using FerroLB.Tests.Tidy;

namespace FerroLB.Tests.Arp;

/// <summary>The frames in Vectors/arp, whose README says how they are written.</summary>
internal static class ArpVectors
{
    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.hex").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(SourceTree.Root, "tests/FerroLB.Tests/Vectors/arp");

    public static byte[] Frame(string name) => Read(name).Frame;

    public static (byte[] Frame, ArpDropReason Verdict) Read(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, name + ".hex"));
        var text = string.Concat(lines.Where(line => !line.StartsWith('#')));
        var octets = Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
        var repeat = int.Parse(Field(lines, "repeat") ?? "1");
        var frame = Enumerable.Repeat(octets, repeat).SelectMany(run => run).ToArray();
        return (frame, Enum.Parse<ArpDropReason>(Field(lines, "verdict") ?? throw new FormatException($"{name}: no verdict")));
    }

    private static string? Field(string[] lines, string field) => lines
        .Where(line => line.StartsWith($"# {field}: ", StringComparison.Ordinal))
        .Select(line => line[(field.Length + 4)..])
        .FirstOrDefault();
}
