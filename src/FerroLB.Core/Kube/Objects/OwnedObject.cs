using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>An object that FerroLB makes for a Pod of its own, with whose end it is deleted.</summary>
public abstract record OwnedObject : KubeObject
{
    /// <summary>The uids of the objects that own it.</summary>
    public IReadOnlyList<string> OwnerUids { get; init; } = [];
}
