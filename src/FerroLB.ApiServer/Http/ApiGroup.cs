using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http;

/// <summary>The resources of one API group.</summary>
public sealed class ApiGroup
{
    /// <summary>Makes a group.</summary>
    public ApiGroup(string name, ImmutableArray<ResourceDefinition> resources)
    {
        Name = name;
        Resources = resources;
        Versions = [.. resources.SelectMany(resource => resource.Versions).Select(version => version.Name).Distinct(StringComparer.Ordinal)
            .OrderBy(Priority, StringComparer.Ordinal)];
    }

    /// <summary>The group's name; "" is core.</summary>
    public string Name { get; }

    /// <summary>Its resources, sorted by plural name.</summary>
    public ImmutableArray<ResourceDefinition> Resources { get; }

    /// <summary>
    /// Its versions, the preferred one first: stable before beta before alpha, then the higher number, as Kubernetes orders them.
    /// </summary>
    public ImmutableArray<string> Versions { get; }

    /// <summary>The version as written in `apiVersion`: "v1", or "metallb.io/v1beta1".</summary>
    public string GroupVersion(string version) => Name.Length == 0 ? version : Name + "/" + version;

    /// <summary>The URL under which a version is served: "/api/v1", or "/apis/metallb.io/v1beta1".</summary>
    public string UrlOf(string version) => (Name.Length == 0 ? "/api/" : "/apis/" + Name + "/") + version;

    /// <summary>The resources that a version serves.</summary>
    public IEnumerable<(ResourceDefinition Resource, ResourceVersionDefinition Version)> Served(string version)
    {
        foreach (ResourceDefinition resource in Resources)
        {
            foreach (ResourceVersionDefinition candidate in resource.Versions)
            {
                if (candidate.Name == version)
                    yield return (resource, candidate);
            }
        }
    }

    /// <summary>
    /// A key that sorts ascending from the most preferred version; names that are no Kubernetes versions come last, by name.
    /// </summary>
    private static string Priority(string version)
    {
        ReadOnlySpan<char> rest = version.AsSpan();
        if (rest.Length < 2 || rest[0] != 'v' || !TakeNumber(rest[1..], out int major, out rest))
            return "9" + version;
        if (rest.IsEmpty)
            return "0" + Descending(major);
        char stage = rest.StartsWith("beta") ? '1' : rest.StartsWith("alpha") ? '2' : '9';
        if (stage == '9' || !TakeNumber(rest[(stage == '1' ? 4 : 5)..], out int minor, out rest) || !rest.IsEmpty)
            return "9" + version;
        return stage + Descending(major) + Descending(minor);
    }

    private static string Descending(int number) => (99_999 - Math.Min(number, 99_999)).ToString("D5", CultureInfo.InvariantCulture);

    private static bool TakeNumber(ReadOnlySpan<char> text, out int number, out ReadOnlySpan<char> rest)
    {
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        rest = text[digits..];
        return int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
