using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Store.Patches;

/// <summary>JSON merge patch (RFC 7386).</summary>
internal static class MergePatch
{
    /// <summary>The target with the patch applied; neither argument is kept, the target may be changed.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();
        var result = target as JsonObject ?? [];
        foreach (var (name, change) in changes)
        {
            if (change is null)
            {
                result.Remove(name);
                continue;
            }
            result.TryGetPropertyValue(name, out var existing);
            var merged = Apply(existing, change);
            if (!ReferenceEquals(merged, existing))
                result[name] = merged;
        }
        return result;
    }
}
