using System;

namespace FerroLB.ApiServer.Store.Calls;

/// <summary>
/// One HTTPS POST that somebody outside must make before a request can be answered: an AdmissionReview or a ConversionReview to a webhook.
/// </summary>
public sealed record ExternalCall
{
    /// <summary>The id of the review, which its answer must repeat.</summary>
    public required string Id { get; init; }

    /// <summary>The webhook's name, for logs.</summary>
    public required string Name { get; init; }

    /// <summary>Where to send it.</summary>
    public required WebhookTarget Target { get; init; }

    /// <summary>How long to wait for the whole answer.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The review, as UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }
}
