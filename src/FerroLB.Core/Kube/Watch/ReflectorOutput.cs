using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Status;

namespace FerroLB.Core.Kube.Watch;

/// <summary>What a <see cref="ReflectorMachine{T}"/> orders and tells.</summary>
/// <typeparam name="T">The record of the kind.</typeparam>
public abstract record ReflectorOutput<T>
    where T : KubeObject
{
    private ReflectorOutput()
    {
    }

    /// <summary>Send this request.</summary>
    /// <param name="Request">The request.</param>
    public sealed record SendRequest(KubeRequest Request) : ReflectorOutput<T>;

    /// <summary>Give this request up.</summary>
    /// <param name="RequestId">Its id.</param>
    public sealed record CancelRequest(long RequestId) : ReflectorOutput<T>;

    /// <summary>The picture of one object changed.</summary>
    /// <param name="Key">The object.</param>
    /// <param name="Before">Its picture before; null when it is new.</param>
    /// <param name="After">Its picture now; null when it is gone. Both are null for one that could never be read and is gone.</param>
    public sealed record Changed(ObjectKey Key, T? Before, T? After) : ReflectorOutput<T>;

    /// <summary>The first complete list was read: from now on an object that is not in the picture does not exist.</summary>
    public sealed record Synced : ReflectorOutput<T>;

    /// <summary>An object could not be read; its last readable form, if any, stays in the picture.</summary>
    /// <param name="Fault">Which object, where and why.</param>
    public sealed record Faulted(JsonFault Fault) : ReflectorOutput<T>;

    /// <summary>Write a log line.</summary>
    /// <param name="Event">The line.</param>
    public sealed record WriteLog(LogEvent Event) : ReflectorOutput<T>;
}
