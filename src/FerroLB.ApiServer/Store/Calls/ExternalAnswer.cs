using System;

namespace FerroLB.ApiServer.Store.Calls;

/// <summary>What came of an <see cref="ExternalCall"/>.</summary>
/// <param name="Error">
/// Why there is no answer, in words for the user, as in `Post "https://...": dial tcp 10.0.0.1:443: connect: connection refused`; null when
/// there is one.
/// </param>
/// <param name="Body">The body of the answer, which nobody has looked into yet; empty when there is none.</param>
public sealed record ExternalAnswer(string? Error, ReadOnlyMemory<byte> Body)
{
    /// <summary>The id of the review that is answered.</summary>
    internal string CallId { get; init; } = "";

    /// <summary>The webhook answered.</summary>
    public static ExternalAnswer Of(ReadOnlyMemory<byte> body) => new(null, body);

    /// <summary>The webhook could not be asked.</summary>
    public static ExternalAnswer Failed(string error) => new(error, default);
}
