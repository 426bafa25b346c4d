using System;
using System.Linq;
using System.Text;
using FerroLB.Core.Kube.Json;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>What an API server may send: objects, list pages, watch lines and Statuses, read as every kind there is.</summary>
public sealed class JsonFuzzTarget : IFuzzTarget
{
    private const int ReadingsPerInput = 32;

    private static readonly byte[][] Samples = [.. FuzzSamples.Objects.Select(Encoding.UTF8.GetBytes)];

    private static readonly string[] Words =
    [
        "null", "true", "false", "0", "-1", "1e999", "9223372036854775808", "\"\"", "[]", "{}", "[[[[[[[[", "{\"a\":", "\\u0000", "\\ud800",
        "\"\\", "\"metadata\":{", "\"name\":\"x\"", "\"items\":[", "\"type\":\"ADDED\"", "\"type\":\"ERROR\"",
        "\"object\":{", "\"code\":410",
        "\"ip\":\"::\"", "\"resourceVersion\":\"1\"", "\u00e4", "\ufeff",
    ];

    /// <inheritdoc/>
    public ReadOnlySpan<string> Vocabulary => Words;

    /// <inheritdoc/>
    public byte[] Sample(SeededRandom random)
    {
        var sample = Samples[random.Next(Samples.Length)];
        return random.Next(3) switch
        {
            0 => sample,
            1 => [.. "{\"type\":\"MODIFIED\",\"object\":"u8, .. sample, (byte)'}'],
            _ => [.. "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":["u8,
                .. sample, (byte)',', .. Samples[random.Next(Samples.Length)], .. "]}"u8],
        };
    }

    /// <inheritdoc/>
    public long AllocationLimit(int inputBytes) => ReadingsPerInput * (16_384L + 64L * inputBytes);

    /// <inheritdoc/>
    public string? Try(ReadOnlyMemory<byte> input)
    {
        var first = JsonFuzz.Run(input);
        if (input.Length % 16 != 0)
            return null;
        var second = JsonFuzz.Run(input);
        return first == second ? null : $"read as {first} things, and as {second} the second time";
    }
}
