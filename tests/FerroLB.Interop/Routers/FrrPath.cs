using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.Interop.Routers;

/// <summary>A path of FRR to a prefix, with what its neighbour said of it.</summary>
/// <param name="Peer">The neighbour's address.</param>
/// <param name="NextHops">The next hops, global address first, joined by blanks.</param>
/// <param name="AsPath">The AS path; "" for an empty one.</param>
/// <param name="LocalPref">The local preference.</param>
/// <param name="Med">The MED; 0 when there is none.</param>
/// <param name="Communities">All communities, large ones last, joined by blanks.</param>
/// <param name="IsStale">Whether it is kept for a neighbour that restarts.</param>
internal sealed record FrrPath(
    string Peer, string NextHops, string AsPath, int LocalPref, int Med, string Communities, bool IsStale)
{
    /// <summary>Reads the paths of `show bgp FAMILY unicast PREFIX json`; none when FRR does not know the prefix.</summary>
    public static IReadOnlyList<FrrPath> Read(string text)
    {
        if (!text.StartsWith('{'))
            return [];
        using var document = JsonDocument.Parse(text);
        return document.RootElement.TryGetProperty("paths", out var paths) ? [.. paths.EnumerateArray().Select(Of)] : [];
    }

    private static FrrPath Of(JsonElement path) => new(
        path.GetProperty("peer").GetProperty("peerId").GetString()!,
        string.Join(' ', path.GetProperty("nexthops").EnumerateArray().Select(hop => hop.GetProperty("ip").GetString())),
        path.GetProperty("aspath").GetProperty("string").GetString()!.Replace("Local", "", StringComparison.Ordinal),
        Number(path, "locPrf"), Number(path, "metric"), $"{Text(path, "community")} {Text(path, "largeCommunity")}".Trim(),
        path.TryGetProperty("stale", out _));

    private static int Number(JsonElement path, string name) => path.TryGetProperty(name, out var value) ? value.GetInt32() : 0;

    private static string Text(JsonElement path, string name) =>
        path.TryGetProperty(name, out var value) ? value.GetProperty("string").GetString()! : "";
}
