using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube;

/// <summary>Points to an object, as the involvedObject of an Event does.</summary>
/// <param name="Resource">The kind of object.</param>
/// <param name="Key">Its namespace and name.</param>
/// <param name="Uid">Its uid, or null.</param>
/// <param name="ResourceVersion">The version that the event is about, or null.</param>
public sealed record ObjectReference(KubeResource Resource, ObjectKey Key, string? Uid, string? ResourceVersion)
{
    /// <summary>Points to an object of a kind.</summary>
    public static ObjectReference To(KubeResource resource, KubeObject target) =>
        new(resource, target.Key, target.Metadata.Uid, target.Metadata.ResourceVersion);
}
