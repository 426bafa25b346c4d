using System.Collections.Generic;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// The configuration objects that exist now, in any order. A kind that was not read completely must not be given as empty.
/// </summary>
public sealed record ConfigSources
{
    /// <summary>All pools of FerroLB's namespace.</summary>
    public IReadOnlyList<IpAddressPool> Pools { get; init; } = [];

    /// <summary>All layer-2 advertisements of FerroLB's namespace.</summary>
    public IReadOnlyList<L2Advertisement> L2Advertisements { get; init; } = [];
}
