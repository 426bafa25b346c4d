using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>
/// An object that tells the API server to call webhooks: a ValidatingWebhookConfiguration, or a CustomResourceDefinition with a conversion
/// webhook. What matters of it is whom the API server believes when it calls.
/// </summary>
public sealed record WebhookRegistration : KubeObject
{
    /// <summary>The webhooks, in the order of the object.</summary>
    public IReadOnlyList<WebhookClient> Webhooks { get; init; } = [];
}

/// <summary>One webhook of a <see cref="WebhookRegistration"/>.</summary>
/// <param name="BundlePath">JSON pointer to its `caBundle`.</param>
/// <param name="CaBundle">The base64 text there; null when there is none.</param>
public sealed record WebhookClient(string BundlePath, string? CaBundle);
