using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FerroLB.ApiServer.Http;

/// <summary>Carries requests about resources to the store and its answers back; a watch stays open and sends one line per change.</summary>
internal sealed class ResourceFront
{
    private const string BodyTypes = "application/json, application/yaml";
    private readonly StoreLoop _loop;
    private readonly CancellationToken _stopping;

    /// <summary>Makes the front.</summary>
    public ResourceFront(StoreLoop loop, CancellationToken stopping)
    {
        _loop = loop;
        _stopping = stopping;
    }

    /// <summary>Answers one request about a resource.</summary>
    public async Task HandleAsync(HttpContext context, ResourcePath path)
    {
        SortedDictionary<string, string> query = Query(context.Request);
        if (VerbOf(context.Request.Method, path, query) is not { } verb)
        {
            await context.SendAsync(StatusJson.MethodNotAllowed()).ConfigureAwait(false);
            return;
        }
        string includeObject = query.GetValueOrDefault("includeObject", "Metadata");
        ResponseForm? form = ResponseForm.Choose(
            context.Request.Headers.Accept.ToString(), _loop.Catalog.Find(path.Group, path.Version, path.Resource), includeObject);
        if (form is null)
        {
            await context.SendAsync(StatusJson.NotAcceptable(ResponseForm.Supported)).ConfigureAwait(false);
            return;
        }
        if (await ReadBodyAsync(context, verb).ConfigureAwait(false) is not { } body)
            return;
        ApiRequest request = Request(context.Request, path, verb, query, body);
        if (verb == ApiVerb.Watch)
        {
            await WatchAsync(context, request, form).ConfigureAwait(false);
            return;
        }
        ApiResponse response = await _loop.HandleAsync(request, context.RequestAborted).ConfigureAwait(false);
        await SendAsync(context, response, form).ConfigureAwait(false);
    }

    private static SortedDictionary<string, string> Query(HttpRequest request)
    {
        var query = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, Microsoft.Extensions.Primitives.StringValues values) in request.Query)
            query[key] = values.Count > 0 ? values[0] ?? "" : "";
        return query;
    }

    private static ApiVerb? VerbOf(string method, ResourcePath path, SortedDictionary<string, string> query)
    {
        bool isObject = path.Name is not null;
        bool watches = query.GetValueOrDefault("watch", "") is "true" or "1" or "True";
        return method switch
        {
            "GET" when isObject => ApiVerb.Get,
            "GET" => watches ? ApiVerb.Watch : ApiVerb.List,
            "POST" when !isObject || path.Subresource.Length > 0 => ApiVerb.Create,
            "PUT" when isObject => ApiVerb.Update,
            "PATCH" when isObject => ApiVerb.Patch,
            "DELETE" => isObject ? ApiVerb.Delete : ApiVerb.DeleteCollection,
            _ => null,
        };
    }

    /// <summary>Reads the body and turns YAML into JSON; null when it was refused, and then the answer has been sent.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpContext context, ApiVerb verb)
    {
        if (verb is ApiVerb.Get or ApiVerb.List or ApiVerb.Watch)
            return ReadOnlyMemory<byte>.Empty;
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted).ConfigureAwait(false);
        ReadOnlyMemory<byte> body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        string type = MediaType(context.Request);
        if (type is "application/yaml" or "application/apply-patch+yaml")
        {
            if (YamlBody.TryConvert(body, out ReadOnlyMemory<byte> json, out string error))
                return json;
            await context.SendAsync(StatusJson.BadRequest(error)).ConfigureAwait(false);
            return null;
        }
        if (verb == ApiVerb.Patch || body.IsEmpty || type is "application/json" or "*/*")
            return body;
        await context.SendAsync(StatusJson.UnsupportedMediaType(BodyTypes)).ConfigureAwait(false);
        return null;
    }

    private static string MediaType(HttpRequest request)
    {
        string type = request.ContentType ?? "";
        int end = type.IndexOf(';', StringComparison.Ordinal);
        type = (end < 0 ? type : type[..end]).Trim();
        return type.Length == 0 ? "application/json" : type;
    }

    private static ApiRequest Request(
        HttpRequest request, ResourcePath path, ApiVerb verb, SortedDictionary<string, string> query, ReadOnlyMemory<byte> body) => new()
        {
            Verb = verb,
            Group = path.Group,
            Version = path.Version,
            Resource = path.Resource,
            Subresource = path.Subresource,
            Namespace = path.Namespace,
            Name = path.Name,
            Query = query,
            ContentType = MediaType(request),
            Body = body,
            User = "kubernetes-admin",
            UserAgent = request.Headers.UserAgent.ToString(),
        };

    private static Task SendAsync(HttpContext context, ApiResponse response, ResponseForm form)
    {
        foreach (string warning in response.Warnings)
            context.Response.Headers.Append("Warning", WarningHeader(warning));
        if (response.RetryAfter is { } wait)
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return context.SendAsync(response.StatusCode, "application/json", form.Convert(response, DateTimeOffset.UtcNow));
    }

    /// <summary>
    /// RFC 7234 section 5.5: code 299, unknown agent, quoted text. Line ends and foreign letters may not stand in a header.
    /// </summary>
    private static string WarningHeader(string text)
    {
        var quoted = new StringBuilder("299 - \"");
        foreach (char letter in text)
        {
            if (letter is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(letter is >= ' ' and <= '~' ? letter : letter is '\n' or '\t' ? ' ' : '?');
        }
        return quoted.Append('"').ToString();
    }

    private async Task WatchAsync(HttpContext context, ApiRequest request, ResponseForm form)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping);
        (WatchSubscription? watch, ApiResponse? error) = await _loop.OpenWatchAsync(request, ending.Token).ConfigureAwait(false);
        if (watch is null)
        {
            await SendAsync(context, error!, form).ConfigureAwait(false);
            return;
        }
        try
        {
            context.Response.ContentType = "application/json";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.StartAsync(ending.Token).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(ending.Token).ConfigureAwait(false);
            while (await watch.Lines.WaitToReadAsync(ending.Token).ConfigureAwait(false))
                await SendLinesAsync(context.Response.Body, watch, form, ending.Token).ConfigureAwait(false);
        }
        finally
        {
            watch.Abandon();
            _loop.Wake();
        }
    }

    private async Task SendLinesAsync(Stream output, WatchSubscription watch, ResponseForm form, CancellationToken ending)
    {
        while (watch.Lines.TryRead(out ReadOnlyMemory<byte> line))
        {
            await output.WriteAsync(form.ConvertEvent(line, DateTimeOffset.UtcNow), ending).ConfigureAwait(false);
            await output.WriteAsync("\n"u8.ToArray(), ending).ConfigureAwait(false);
        }
        await output.FlushAsync(ending).ConfigureAwait(false);
        if (watch.WasFull)
            _loop.Wake();
    }
}
