using System;
using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>The part of metav1.ObjectMeta that is used.</summary>
public sealed record ObjectMeta
{
    // Every object has two, and a nullable time is three times as large. 0 is none: the year 1 is before any cluster.
    private readonly long _createdTicks;
    private readonly long _deletedTicks;

    /// <summary>The name, unique in kind and namespace.</summary>
    public string? Name { get; init; }

    /// <summary>The namespace; null for cluster-scoped kinds.</summary>
    public string? Namespace { get; init; }

    /// <summary>Set by the server; a re-created object of the same name has another.</summary>
    public string? Uid { get; init; }

    /// <summary>Opaque version; only equality means something.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Counts changes of the spec.</summary>
    public long Generation { get; init; }

    /// <summary>When the server created the object (UTC).</summary>
    public DateTimeOffset? CreationTimestamp
    {
        get => TimeOf(_createdTicks);
        init => _createdTicks = value?.UtcTicks ?? 0;
    }

    /// <summary>Set while the object waits for its finalizers.</summary>
    public DateTimeOffset? DeletionTimestamp
    {
        get => TimeOf(_deletedTicks);
        init => _deletedTicks = value?.UtcTicks ?? 0;
    }

    /// <summary>Labels; null when there are none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Annotations; null when there are none.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The value of an annotation, or null when it is absent.</summary>
    public string? Annotation(string key) =>
        Annotations is { } annotations && annotations.TryGetValue(key, out var value) ? value : null;

    private static DateTimeOffset? TimeOf(long ticks) => ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
}
