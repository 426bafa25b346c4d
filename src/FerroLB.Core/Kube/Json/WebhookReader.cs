using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>Reads the objects that tell the API server to call webhooks.</summary>
internal static class WebhookReader
{
    public static WebhookRegistration ReadConfiguration(JsonView view) => new()
    {
        Metadata = CoreReader.ReadMeta(view),
        Webhooks = [.. Clients(view.List("webhooks", webhook => webhook.Object("clientConfig")) ?? [])],
    };

    /// <summary>Of a CRD only the conversion webhook is read; one without has none.</summary>
    public static WebhookRegistration ReadDefinition(JsonView view)
    {
        var conversion = view.Object("spec")?.Object("conversion");
        var client = conversion?.String("strategy") == "Webhook" ? conversion.Object("webhook")?.Object("clientConfig") : null;
        return new()
        {
            Metadata = CoreReader.ReadMeta(view),
            Webhooks = client is null ? [] : [new("/spec/conversion/webhook/clientConfig/caBundle", client.String("caBundle"))],
        };
    }

    private static IEnumerable<WebhookClient> Clients(IReadOnlyList<JsonView?> clients) =>
        from index in Enumerable.Range(0, clients.Count)
        let client = clients[index]
        where client is not null
        let path = string.Create(CultureInfo.InvariantCulture, $"/webhooks/{index}/clientConfig/caBundle")
        select new WebhookClient(path, client.String("caBundle"));
}
