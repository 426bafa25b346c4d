using System;

namespace FerroLB.Core.Kube;

/// <summary>What a request does.</summary>
public enum KubeVerb
{
    /// <summary>GET of one object.</summary>
    Get,

    /// <summary>GET of a page of a collection.</summary>
    List,

    /// <summary>A watch: events arrive until it is closed or cancelled.</summary>
    Watch,

    /// <summary>POST of a new object.</summary>
    Create,

    /// <summary>PATCH of one object.</summary>
    Patch,

    /// <summary>DELETE of one object.</summary>
    Delete,
}

/// <summary>How the body of a patch is read.</summary>
public enum KubePatchKind
{
    /// <summary>JSON merge patch (RFC 7386).</summary>
    Merge,

    /// <summary>JSON patch (RFC 6902).</summary>
    Json,

    /// <summary>Server-side apply, as <see cref="KubeRequest.FieldManager"/>.</summary>
    Apply,
}

/// <summary>
/// One request to the Kubernetes API as a value. The shell turns it into HTTP, the lab hands it to a store; the answer comes back as a
/// <see cref="KubeResponse"/> (or, for a watch, as events and one close) with the same <see cref="Id"/>. There are no whole-object PUTs:
/// fields that are not modelled here must survive.
/// </summary>
public sealed record KubeRequest
{
    /// <summary>Chosen by the node, unique within its life.</summary>
    public required long Id { get; init; }

    /// <summary>What to do.</summary>
    public required KubeVerb Verb { get; init; }

    /// <summary>The kind of object.</summary>
    public required KubeResource Resource { get; init; }

    /// <summary>The namespace; null lists or watches all of them, or the kind has none.</summary>
    public string? Namespace { get; init; }

    /// <summary>The object's name; null for collections.</summary>
    public string? Name { get; init; }

    /// <summary>"status" or null.</summary>
    public string? Subresource { get; init; }

    /// <summary>Restricts a list or watch by label; null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Restricts a list or watch by field; null for all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Where a watch begins, or how fresh a list must be; null for the server's default.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Most objects per page of a list; 0 for no paging.</summary>
    public int PageSize { get; init; }

    /// <summary>Token of the next page, from the page before.</summary>
    public string? Continue { get; init; }

    /// <summary>How long the server keeps a watch open.</summary>
    public TimeSpan WatchTimeout { get; init; }

    /// <summary>For patches.</summary>
    public KubePatchKind PatchKind { get; init; }

    /// <summary>The name under which written fields are owned.</summary>
    public string? FieldManager { get; init; }

    /// <summary>For server-side apply: take over fields owned by others.</summary>
    public bool Force { get; init; }

    /// <summary>UTF-8 JSON for writes; preconditions (uid, resourceVersion) are fields of it.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>The answer to every request but a watch that was opened.</summary>
/// <param name="Id">The request's id.</param>
/// <param name="StatusCode">HTTP status; 0 when no answer came (refused, reset, timed out), and then <paramref name="Failure"/> says
/// why.</param>
/// <param name="Body">UTF-8 JSON: the object, the list or a Status.</param>
/// <param name="RetryAfter">The Retry-After header, when there was one.</param>
/// <param name="Failure">Why no answer came, in words for the log; null when one did.</param>
public sealed record KubeResponse(long Id, int StatusCode, ReadOnlyMemory<byte> Body, TimeSpan? RetryAfter = null, string? Failure = null)
{
    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => StatusCode is >= 200 and < 300;
}
