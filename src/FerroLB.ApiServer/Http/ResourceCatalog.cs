using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using FerroLB.ApiServer.Http.Discovery;
using FerroLB.ApiServer.Http.OpenApi;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// The resources that were served at one moment, never changed, with the documents that describe them. The documents are built when a
/// client first asks, and again only after a CustomResourceDefinition made a new catalogue.
/// </summary>
public sealed class ResourceCatalog
{
    private readonly Lazy<DiscoveryDocuments> _discovery;
    private readonly Lazy<OpenApiDocuments> _openApi;

    /// <summary>Makes a catalogue.</summary>
    /// <param name="generation">The store's count of changes to its resources.</param>
    /// <param name="resources">Every resource, sorted by group and plural name.</param>
    public ResourceCatalog(long generation, ImmutableArray<ResourceDefinition> resources)
    {
        Generation = generation;
        Resources = resources;
        Groups = [.. resources.GroupBy(resource => resource.Group, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new ApiGroup(group.Key, [.. group]))];
        _discovery = new(() => new DiscoveryDocuments(Groups), LazyThreadSafetyMode.ExecutionAndPublication);
        _openApi = new(() => new OpenApiDocuments(Groups), LazyThreadSafetyMode.ExecutionAndPublication);
    }

    /// <summary>The store's count of changes to its resources.</summary>
    public long Generation { get; }

    /// <summary>Every resource, sorted by group and plural name.</summary>
    public ImmutableArray<ResourceDefinition> Resources { get; }

    /// <summary>The same by group; the core group, named "", comes first.</summary>
    public IReadOnlyList<ApiGroup> Groups { get; }

    /// <summary>What /api and /apis tell.</summary>
    public DiscoveryDocuments Discovery => _discovery.Value;

    /// <summary>What /openapi tells.</summary>
    public OpenApiDocuments OpenApi => _openApi.Value;

    /// <summary>Finds a served version of a resource, or null.</summary>
    public (ResourceDefinition Resource, ResourceVersionDefinition Version)? Find(string group, string version, string plural)
    {
        foreach (ResourceDefinition resource in Resources)
        {
            if (resource.Plural != plural || resource.Group != group)
                continue;
            ResourceVersionDefinition? found = resource.Versions.FirstOrDefault(candidate => candidate.Name == version);
            return found is null ? null : (resource, found);
        }
        return null;
    }
}
