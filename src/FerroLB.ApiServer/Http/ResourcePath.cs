using System;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// A URL path below /api or /apis, taken apart: /api/v1/namespaces/web/services/shop/status, /apis/metallb.io/v1beta1/ipaddresspools.
/// </summary>
/// <param name="Group">The API group; "" is core.</param>
/// <param name="Version">The API version.</param>
/// <param name="Namespace">The namespace; null when the path names none.</param>
/// <param name="Resource">The plural name.</param>
/// <param name="Name">The object's name; null for a collection.</param>
/// <param name="Subresource">"status" and the like, or "".</param>
internal sealed record ResourcePath(string Group, string Version, string? Namespace, string Resource, string? Name, string Subresource)
{
    /// <summary>Takes a path apart; null when it does not name a collection or an object.</summary>
    public static ResourcePath? Parse(string path)
    {
        string[] parts = path.Trim('/').Split('/');
        if (Array.Exists(parts, part => part.Length == 0))
            return null;
        return parts[0] switch
        {
            "api" when parts.Length >= 3 => ParseRest("", parts[1], parts.AsSpan(2)),
            "apis" when parts.Length >= 4 => ParseRest(parts[1], parts[2], parts.AsSpan(3)),
            _ => null,
        };
    }

    private static ResourcePath? ParseRest(string group, string version, ReadOnlySpan<string> rest)
    {
        bool isNamespaceItself = rest.Length == 3 && group.Length == 0 && rest[2] is "status" or "finalize";
        if (rest[0] != "namespaces" || rest.Length < 3 || isNamespaceItself)
            return ParseObject(group, version, null, rest);
        return ParseObject(group, version, rest[1], rest[2..]);
    }

    private static ResourcePath? ParseObject(string group, string version, string? @namespace, ReadOnlySpan<string> rest) =>
        rest.Length is < 1 or > 3
            ? null
            : new ResourcePath(group, version, @namespace, rest[0], rest.Length > 1 ? rest[1] : null, rest.Length > 2 ? rest[2] : "");
}
