using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Http.Authentication;
using FerroLB.ApiServer.Http.Faults;
using FerroLB.ApiServer.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// Where every HTTP request arrives. Health checks and the version are for everybody; all else needs a bearer token. Documents
/// (discovery and OpenAPI) are answered from the catalogue of resources; paths of resources go on to <see cref="ResourceFront"/>. Whatever
/// goes wrong is told as a Status object in Kubernetes' own words, because clients show those to people and decide by them.
/// </summary>
internal sealed class ApiServerFront
{
    /// <summary>
    /// What clients ask for; the '@' makes it no media type by RFC 6838, so that the answer names it differently, as Kubernetes does.
    /// </summary>
    private const string ProtobufAsked = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    private const string ProtobufSent = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    private readonly StoreLoop _loop;
    private readonly ResourceFront _resources;
    private readonly Authenticator _authenticator;
    private readonly IHttpFaults? _faults;
    private readonly ILogger _log;

    /// <summary>Makes the front of a running store loop.</summary>
    public ApiServerFront(StoreLoop loop, Authenticator authenticator, IHttpFaults? faults, ILogger log, CancellationToken stopping)
    {
        _loop = loop;
        _authenticator = authenticator;
        _resources = new ResourceFront(loop, authenticator, stopping);
        _faults = faults;
        _log = log;
    }

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            HttpRequest request = context.Request;
            HttpFault? fault = _faults?.For(request.Method, request.Path.Value ?? "/", request.QueryString.Value ?? "");
            if (fault is null || !await FaultLayer.ApplyAsync(context, fault).ConfigureAwait(false))
                await RouteAsync(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client went away or the server stops; there is nobody to answer.
        }
        catch (BadHttpRequestException refused) when (!context.Response.HasStarted)
        {
            JsonObject status = refused.StatusCode == 413 ? StatusJson.TooLarge() : StatusJson.BadRequest(refused.Message);
            await context.SendAsync(status).ConfigureAwait(false);
        }
        catch (IOException lost)
        {
            _log.LogDebug("{Path}: the connection was lost: {Message}", context.Request.Path, lost.Message);
        }
        _log.LogDebug("{Method} {Path}{Query} {Status} {UserAgent}", context.Request.Method, context.Request.Path,
            context.Request.QueryString, context.Response.StatusCode, context.Request.Headers.UserAgent);
    }

    private async Task RouteAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "/";
        if (path is "/healthz" or "/livez" or "/readyz" || path.StartsWith("/livez/", StringComparison.Ordinal)
            || path.StartsWith("/readyz/", StringComparison.Ordinal) || path.StartsWith("/healthz/", StringComparison.Ordinal))
            await context.SendAsync(200, "text/plain; charset=utf-8", "ok"u8.ToArray()).ConfigureAwait(false);
        else if (path == "/version")
            await context.SendAsync(ServerVersion.Describe()).ConfigureAwait(false);
        else if (await RecogniseAsync(context).ConfigureAwait(false) is not { } user)
            await context.SendAsync(StatusJson.Unauthorized()).ConfigureAwait(false);
        else if (ResourcePath.Parse(path) is { } resource)
            await _resources.HandleAsync(context, resource, user).ConfigureAwait(false);
        else if (await _resources.RefusalOfPathAsync(context, path, user).ConfigureAwait(false) is { } refusal)
            await context.SendAsync(refusal).ConfigureAwait(false);
        else
            await SendDocumentAsync(context, path.TrimEnd('/')).ConfigureAwait(false);
    }

    private ValueTask<ApiIdentity?> RecogniseAsync(HttpContext context) =>
        _authenticator.RecogniseHeaderAsync(context.Request.Headers.Authorization.ToString(), context.RequestAborted);

    private async Task SendDocumentAsync(HttpContext context, string path)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
            await context.SendAsync(StatusJson.MethodNotAllowed()).ConfigureAwait(false);
        else if (path.StartsWith("/openapi/", StringComparison.Ordinal))
            await SendOpenApiAsync(context, path).ConfigureAwait(false);
        else
            await SendDiscoveryAsync(context, path).ConfigureAwait(false);
    }

    private async Task SendDiscoveryAsync(HttpContext context, string path)
    {
        ResourceCatalog catalog = _loop.Catalog;
        IReadOnlyList<AcceptedForm> accepted = AcceptedForm.Parse(context.Request.Headers.Accept.ToString());
        if (path is "/api" or "/apis" && accepted.FirstOrDefault(IsDiscovery) is { As.Length: > 0 } form)
        {
            byte[] body = JsonBytes.Of(catalog.Discovery.Aggregated(path == "/api", form.Version));
            string type = $"application/json;g=apidiscovery.k8s.io;v={form.Version};as=APIGroupDiscoveryList";
            await context.SendAsync(200, type, body).ConfigureAwait(false);
            return;
        }
        string[] parts = path.Split('/');
        JsonObject? document = parts.Length switch
        {
            1 => RootPaths(catalog),
            2 when path == "/api" => Discovery.DiscoveryDocuments.CoreVersions(context.Request.Host.Value ?? ""),
            2 when path == "/apis" => catalog.Discovery.GroupList(),
            3 when parts[1] == "api" => catalog.Discovery.ResourceList("", parts[2]),
            3 when parts[1] == "apis" => catalog.Discovery.Group(parts[2]),
            4 when parts[1] == "apis" => catalog.Discovery.ResourceList(parts[2], parts[3]),
            _ => null,
        };
        await context.SendAsync(document ?? StatusJson.NotFound()).ConfigureAwait(false);
    }

    /// <summary>Plain JSON ends the search as well: what the client lists behind it, it likes less.</summary>
    private static bool IsDiscovery(AcceptedForm form) =>
        form.As.Length == 0
        || (form.As == "APIGroupDiscoveryList" && form.Group == "apidiscovery.k8s.io" && form.Version is "v2" or "v2beta1");

    private static JsonObject RootPaths(ResourceCatalog catalog)
    {
        IEnumerable<string> served = catalog.Groups.SelectMany(group => group.Versions.Select(group.UrlOf));
        string[] paths = ["/api", "/apis", .. served, "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"];
        IEnumerable<JsonNode> sorted = paths.Order(StringComparer.Ordinal).Select(path => JsonValue.Create(path));
        return new JsonObject { ["paths"] = new JsonArray([.. sorted]) };
    }

    private async Task SendOpenApiAsync(HttpContext context, string path)
    {
        OpenApi.OpenApiDocuments documents = _loop.Catalog.OpenApi;
        string accept = context.Request.Headers.Accept.ToString();
        bool wantsProtobuf = accept.Contains(ProtobufAsked, StringComparison.Ordinal)
            || accept.Contains(ProtobufSent, StringComparison.Ordinal);
        if (path == "/openapi/v2" && wantsProtobuf)
        {
            await context.SendAsync(200, ProtobufSent, documents.V2Protobuf).ConfigureAwait(false);
            return;
        }
        byte[]? document = path switch
        {
            "/openapi/v2" => documents.V2Json,
            "/openapi/v3" => documents.V3Index,
            _ when path.StartsWith("/openapi/v3/", StringComparison.Ordinal) => documents.V3(path["/openapi/v3/".Length..]),
            _ => null,
        };
        if (document is { } found)
            await context.SendAsync(200, "application/json", found).ConfigureAwait(false);
        else
            await context.SendAsync(StatusJson.NotFound()).ConfigureAwait(false);
    }
}
