using System;
using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Calls;

/// <summary>Where a webhook listens, as a clientConfig says it: a URL, or a Service of the cluster.</summary>
/// <param name="Url">The whole URL; for a Service that with the name which its certificate must have,
/// &lt;name&gt;.&lt;namespace&gt;.svc.</param>
/// <param name="ServiceNamespace">The Service's namespace; "" when the URL was given.</param>
/// <param name="ServiceName">The Service's name; "" when the URL was given.</param>
/// <param name="ServicePort">The Service's port, 1 to 65535; 0 when the URL was given.</param>
/// <param name="AuthorityPem">The authorities to trust, as base64 of PEM; "" for those of the system.</param>
public sealed record WebhookTarget(string Url, string ServiceNamespace, string ServiceName, int ServicePort, string AuthorityPem)
{
    /// <summary>Whether a Service is meant.</summary>
    public bool IsService => ServiceName.Length > 0;

    /// <summary>Reads a clientConfig that passed validation.</summary>
    internal static WebhookTarget Read(JsonObject? clientConfig)
    {
        var authority = clientConfig.Text("caBundle") ?? "";
        if (clientConfig.Object("service") is not { } service)
            return new(clientConfig.Text("url") ?? "", "", "", 0, authority);
        var (space, name) = (service.Text("namespace") ?? "", service.Text("name") ?? "");
        var port = (int)(service.Integer("port") ?? 443);
        var path = service.Text("path") ?? "";
        var shown = port.ToString(CultureInfo.InvariantCulture);
        return new($"https://{name}.{space}.svc:{shown}{(path.Length == 0 ? "/" : path)}", space, name, port, authority);
    }

    /// <summary>The URL with the deadline as Kubernetes tells it to webhooks, as in https://x.y.svc:443/validate?timeout=10s.</summary>
    public string UrlWithTimeout(TimeSpan timeout)
    {
        var separator = Url.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return string.Create(CultureInfo.InvariantCulture, $"{Url}{separator}timeout={(long)timeout.TotalSeconds}s");
    }
}
