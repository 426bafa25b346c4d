using System.Globalization;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// What FerroLB adds to objects of MetalLB's kinds, as annotations, so that the objects stay valid for both. One that is absent has its
/// default; one that cannot be read makes the object invalid.
/// </summary>
internal static class FerrolbAnnotations
{
    /// <summary>On a BGPPeer: the most hops that packets of the peer may have made (RFC 5082), 1-254.</summary>
    public const string TtlSecurityHops = "ferrolb.io/ttl-security-hops";

    /// <summary>On a BGPPeer: "true" waits for the peer to connect.</summary>
    public const string Passive = "ferrolb.io/passive";

    /// <summary>On a BGPAdvertisement: MULTI_EXIT_DISC, 0 to 2^32 - 1.</summary>
    public const string Med = "ferrolb.io/med";

    /// <summary>On a BGPAdvertisement: how many times more our AS number is put in front of the path, 0-10.</summary>
    public const string AsPathPrepend = "ferrolb.io/as-path-prepend";

    /// <summary>On an L2Advertisement: "true" keeps nodes as candidates that have no interface in the address's subnet.</summary>
    public const string AnySubnet = "ferrolb.io/any-subnet";

    /// <summary>A number, or null when the annotation is absent.</summary>
    public static uint? Number(KubeObject item, string key, uint least, uint most, FaultList faults)
    {
        if (item.Metadata.Annotation(key) is not { } text)
            return null;
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        faults.Add(Field(key), text, $"is not a number from {least} to {most}", "Correct the annotation, or remove it");
        return null;
    }

    /// <summary>A truth value; false when the annotation is absent.</summary>
    public static bool Flag(KubeObject item, string key, FaultList faults)
    {
        var text = item.Metadata.Annotation(key);
        if (text is not (null or "true" or "false"))
            faults.Add(Field(key), text, "is neither \"true\" nor \"false\"", "Correct the annotation, or remove it");
        return text == "true";
    }

    private static string Field(string key) => $"metadata.annotations[{key}]";
}
