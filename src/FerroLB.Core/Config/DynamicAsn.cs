namespace FerroLB.Core.Config;

/// <summary>Which AS numbers a peer without a fixed one may state.</summary>
public enum DynamicAsn
{
    /// <summary>The same as ours.</summary>
    Internal,

    /// <summary>Any other.</summary>
    External,
}
