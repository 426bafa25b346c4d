using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The annotations of Services. Two prefixes are read: if the key exists under the present one, even with an empty value, the deprecated
/// one is ignored.
/// </summary>
public static class MetallbAnnotation
{
    /// <summary>The deprecated prefix.</summary>
    public const string DeprecatedPrefix = "metallb.universe.tf/";

    /// <summary>Names the pool to take addresses from.</summary>
    public const string AddressPool = "address-pool";

    /// <summary>Names the addresses wanted: one, or two of different families, separated by a comma.</summary>
    public const string LoadBalancerIPs = "loadBalancerIPs";

    /// <summary>Services with the same non-empty value may share addresses.</summary>
    public const string AllowSharedIP = "allow-shared-ip";

    /// <summary>Written with the status: the pool that the addresses are from.</summary>
    public const string AllocatedFromPool = Prefix + "ip-allocated-from-pool";

    /// <summary>
    /// Stands on a Service as long as the next write may add an address to those that it has; see <see cref="TermOpening"/>. Its value is
    /// different each time.
    /// </summary>
    public const string Open = "ferrolb.io/open";

    private const string Prefix = "metallb.io/";

    /// <summary>The value of an annotation under either prefix; null when it has neither.</summary>
    public static string? Read(ObjectMeta meta, string name) => meta.Annotation(Prefix + name) ?? meta.Annotation(DeprecatedPrefix + name);
}
