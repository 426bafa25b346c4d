using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.ApiServer.Store.Calls;

namespace FerroLB.ApiServer.Store;

/// <summary>
/// One request to the API, already taken apart: the URL's parts, the query, the body. Everything that HTTP adds is left behind.
/// </summary>
public sealed record ApiRequest
{
    /// <summary>What to do.</summary>
    public required ApiVerb Verb { get; init; }

    /// <summary>The API group; "" is core.</summary>
    public string Group { get; init; } = "";

    /// <summary>The API version, as in "v1".</summary>
    public string Version { get; init; } = "v1";

    /// <summary>The resource's plural name, as in "services".</summary>
    public required string Resource { get; init; }

    /// <summary>"status", "scale", "finalize", or "" for the object itself.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace of the URL; null for cluster-scoped resources and for collections of all namespaces.</summary>
    public string? Namespace { get; init; }

    /// <summary>The object's name in the URL; null for collections.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The query string, decoded; of a repeated key the first value. Known: labelSelector, fieldSelector, resourceVersion,
    /// resourceVersionMatch, limit, continue, fieldManager, force, fieldValidation, dryRun, allowWatchBookmarks, sendInitialEvents,
    /// timeoutSeconds, propagationPolicy, gracePeriodSeconds, orphanDependents.
    /// </summary>
    public IReadOnlyDictionary<string, string> Query { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>
    /// The media type of the body, parameters allowed; for a patch it says which kind. The body is JSON (the front turns YAML into JSON).
    /// </summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>The body as UTF-8 JSON; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The authenticated user's name.</summary>
    public string User { get; init; } = "";

    /// <summary>The authenticated user's groups.</summary>
    public ImmutableArray<string> UserGroups { get; init; } = [];

    /// <summary>The authenticated user's uid, or "".</summary>
    public string UserUid { get; init; } = "";

    /// <summary>For a TokenReview: whose the token in question is; null when it is nobody's.</summary>
    public ApiIdentity? Reviewed { get; init; }

    /// <summary>What is known from webhooks about this request; see <see cref="PendingRequest.Resume"/>.</summary>
    public PendingRequest? Resumption { get; init; }

    /// <summary>The User-Agent header: its part before the first '/' names the field manager of writes that name none.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>A query value, or null.</summary>
    public string? QueryValue(string key) => Query.TryGetValue(key, out var value) ? value : null;
}
