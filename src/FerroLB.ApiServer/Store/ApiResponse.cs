using System;
using System.Collections.Immutable;
using FerroLB.ApiServer.Store.Calls;

namespace FerroLB.ApiServer.Store;

/// <summary>The answer to an <see cref="ApiRequest"/>.</summary>
public sealed record ApiResponse
{
    /// <summary>The HTTP status code.</summary>
    public required int StatusCode { get; init; }

    /// <summary>UTF-8 JSON: an object, a list, or a Status of kind v1. Shared with the store: never write into it.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Texts for the user, to be sent as Warning headers (code 299).</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>
    /// Webhooks to ask before the request can be answered; null in a real answer. As long as it is not null, nothing was written, and the
    /// status and body say so to somebody who cannot ask.
    /// </summary>
    public PendingRequest? Pending { get; init; }

    /// <summary>When to try again; null when there is no sense in that.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
