using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Admission;

/// <summary>A kind whose writes are reviewed, and how an object of it takes its place among those that exist.</summary>
/// <param name="Path">The path of its webhook.</param>
/// <param name="Resource">The kind.</param>
/// <param name="Place">
/// Reads the object under review and returns the sources in which it replaces its namesake; or null with the reason.
/// </param>
internal sealed record AdmissionKind(string Path, KubeResource Resource, AdmissionKind.Placing Place)
{
    private static readonly AdmissionKind[] Kinds =
    [
        Of(KubeKinds.IpAddressPools, sources => sources.Pools, (sources, list) => sources with { Pools = list }),
        Of(KubeKinds.L2Advertisements, sources => sources.L2Advertisements, (sources, list) => sources with { L2Advertisements = list }),
        Of(KubeKinds.BgpAdvertisements, sources => sources.BgpAdvertisements, (sources, list) => sources with { BgpAdvertisements = list }),
        Of(KubeKinds.BgpPeers, sources => sources.BgpPeers, (sources, list) => sources with { BgpPeers = list }),
        Of(KubeKinds.Communities, sources => sources.Communities, (sources, list) => sources with { Communities = list }),
        Of(KubeKinds.BfdProfiles, sources => sources.BfdProfiles, (sources, list) => sources with { BfdProfiles = list }),
    ];

    /// <summary>Puts an object under review in its place; it is null, with the reason, when it cannot be read.</summary>
    public delegate KubeObject? Placing(JsonElement written, ConfigSources present, out ConfigSources changed, out string problem);

    /// <summary>The kind that a path is for, or null.</summary>
    public static AdmissionKind? Find(string path) => Array.Find(Kinds, kind => kind.Path == path);

    private static AdmissionKind Of<T>(
        KubeKind<T> kind, Func<ConfigSources, IReadOnlyList<T>> list, Func<ConfigSources, IReadOnlyList<T>, ConfigSources> with)
        where T : KubeObject
    {
        var resource = kind.Resource;
        var path = $"/validate-metallb-io-{resource.Version}-{resource.Kind.ToLowerInvariant()}";
        return new(path, resource, Place);

        KubeObject? Place(JsonElement written, ConfigSources present, out ConfigSources changed, out string problem)
        {
            changed = present;
            problem = "";
            var item = KubeJson.ReadElement(kind, written, new StringTable(), out var fault);
            if (item is null)
            {
                problem = fault!.Path.Length == 0 ? $"the object {fault.Problem}" : $"{fault.Path} {fault.Problem}";
                return null;
            }
            changed = with(present, [.. list(present).Where(other => other.Key != item.Key), item]);
            return item;
        }
    }
}
