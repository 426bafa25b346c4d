using System;

namespace FerroLB.Core.Kube.Objects;

/// <summary>core/v1 Event: something worth telling the user about an object, shown by kubectl describe.</summary>
public sealed record KubeEvent : KubeObject
{
    /// <summary>API version of the object it is about.</summary>
    public required string InvolvedApiVersion { get; init; }

    /// <summary>Kind of the object it is about.</summary>
    public required string InvolvedKind { get; init; }

    /// <summary>The object it is about.</summary>
    public required ObjectKey Involved { get; init; }

    /// <summary>The object's uid; without it kubectl describe does not find the event.</summary>
    public string? InvolvedUid { get; init; }

    /// <summary>Normal or Warning.</summary>
    public required string Type { get; init; }

    /// <summary>A short word for programs.</summary>
    public required string Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>Who says so: metallb-controller or metallb-speaker.</summary>
    public required string Component { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset Time { get; init; }
}
