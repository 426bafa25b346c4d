using System.Collections.Immutable;

namespace FerroLB.Core.Config;

/// <summary>What a build found; also the memory that the next build needs.</summary>
/// <param name="Config">What is in force.</param>
/// <param name="Rejections">Why objects are not in force as written, by kind, object and field. Empty when all is well.</param>
public sealed record ConfigResult(ClusterConfig Config, ImmutableArray<ConfigRejection> Rejections)
{
    /// <summary>The result before anything was read.</summary>
    public static ConfigResult Empty { get; } = new(ClusterConfig.Empty, []);
}
