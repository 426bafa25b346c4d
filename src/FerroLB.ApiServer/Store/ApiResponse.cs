using System;
using System.Collections.Immutable;

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

    /// <summary>When to try again; null when there is no sense in that.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
