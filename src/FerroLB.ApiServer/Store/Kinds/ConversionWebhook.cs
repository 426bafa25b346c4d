using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>The webhook that converts the objects of a CustomResourceDefinition between its versions.</summary>
/// <param name="Target">Where it listens.</param>
/// <param name="ReviewVersion">The version of ConversionReview to send: the first of the definition's list that is known here.</param>
internal sealed record ConversionWebhook(WebhookTarget Target, string ReviewVersion)
{
    /// <summary>The webhook of a definition; null when versions differ in their names only.</summary>
    public static ConversionWebhook? Read(JsonObject spec)
    {
        if (spec.Text("conversion", "strategy") != "Webhook")
            return null;
        var webhook = spec.Object("conversion", "webhook");
        foreach (var version in webhook.Array("conversionReviewVersions").Texts())
        {
            if (version is "v1" or "v1beta1")
                return new(WebhookTarget.Read(webhook.Object("clientConfig")), version);
        }
        return null;
    }
}
