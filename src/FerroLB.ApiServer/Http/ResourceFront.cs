using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Http.Authentication;
using FerroLB.ApiServer.Http.Protobuf;
using FerroLB.ApiServer.Http.Tables;
using FerroLB.ApiServer.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FerroLB.ApiServer.Http;

/// <summary>Carries requests about resources to the store and its answers back; a watch stays open and sends one line per change.</summary>
internal sealed class ResourceFront
{
    private const string UnknownFormat = "the body of the request was in an unknown format - accepted media types include: " +
        "application/json, application/yaml, application/vnd.kubernetes.protobuf";
    private readonly StoreLoop _loop;
    private readonly Authenticator _authenticator;
    private readonly CancellationToken _stopping;

    /// <summary>Makes the front.</summary>
    public ResourceFront(StoreLoop loop, Authenticator authenticator, CancellationToken stopping)
    {
        _loop = loop;
        _authenticator = authenticator;
        _stopping = stopping;
    }

    /// <summary>Answers one request about a resource.</summary>
    public async Task HandleAsync(HttpContext context, ResourcePath path, ApiIdentity user)
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
        ApiRequest request = Request(context.Request, path, verb, query, body, user);
        if (path is { Group: "authentication.k8s.io", Resource: "tokenreviews" })
            request = request with { Reviewed = await ReviewedAsync(body, context.RequestAborted).ConfigureAwait(false) };
        if (verb == ApiVerb.Watch)
        {
            await WatchAsync(context, request, form).ConfigureAwait(false);
            return;
        }
        ApiResponse response = await _loop.HandleAsync(request, context.RequestAborted).ConfigureAwait(false);
        if (path is { Group: "", Resource: "serviceaccounts", Subresource: "token" } && response.StatusCode == 201)
            response = response with { Body = _authenticator.Accounts.Complete(response.Body, DateTimeOffset.UtcNow) };
        await SendAsync(context, response, form).ConfigureAwait(false);
    }

    /// <summary>The Status that refuses a path which is no resource to a user; null when it is allowed.</summary>
    public async Task<JsonObject?> RefusalOfPathAsync(HttpContext context, string path, ApiIdentity user)
    {
        if (user.Groups.Contains("system:masters"))
            return null;
        string verb = context.Request.Method.ToLowerInvariant();
        var question = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["user"] = user.Name,
                ["groups"] = new JsonArray([.. user.Groups.Select(group => JsonValue.Create(group))]),
                ["nonResourceAttributes"] = new JsonObject { ["path"] = path, ["verb"] = verb },
            },
        };
        var request = new ApiRequest
        {
            Verb = ApiVerb.Create, Group = "authorization.k8s.io", Resource = "subjectaccessreviews", Body = JsonBytes.Of(question),
            User = "system:apiserver", UserGroups = ["system:masters"],
        };
        ApiResponse response = await _loop.HandleAsync(request, context.RequestAborted).ConfigureAwait(false);
        using JsonDocument answer = JsonDocument.Parse(response.Body);
        return answer.RootElement.GetProperty("status").GetProperty("allowed").GetBoolean()
            ? null
            : StatusJson.Failure(403, "Forbidden", $"forbidden: User \"{user.Name}\" cannot {verb} path \"{path}\"");
    }

    private async Task<ApiIdentity?> ReviewedAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        try
        {
            using JsonDocument review = JsonDocument.Parse(body);
            string token = review.RootElement.At("spec").Text("token");
            return token.Length == 0 ? null : await _authenticator.RecogniseAsync(token, cancellation).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            // The store says what is wrong with the body.
            return null;
        }
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

    /// <summary>Reads the body and turns it into JSON; null when it was refused, and then the answer has been sent.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpContext context, ApiVerb verb)
    {
        if (verb is ApiVerb.Get or ApiVerb.List or ApiVerb.Watch)
            return ReadOnlyMemory<byte>.Empty;
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted).ConfigureAwait(false);
        ReadOnlyMemory<byte> body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        JsonObject? refusal = Decode(MediaType(context.Request), verb, ref body);
        if (refusal is null)
            return body;
        await context.SendAsync(refusal).ConfigureAwait(false);
        return null;
    }

    /// <summary>Turns a body into JSON; the Status to answer with when that cannot be done.</summary>
    private static JsonObject? Decode(string type, ApiVerb verb, ref ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return null;
        string error;
        switch (type)
        {
            case "application/yaml" or "application/apply-patch+yaml":
                return YamlBody.TryConvert(body, out body, out error) ? null : StatusJson.BadRequest(error);
            case ProtobufBody.MediaType:
                if (!ProtobufBody.TryConvert(body.Span, out byte[] json, out error))
                    return StatusJson.UnsupportedMediaType(error);
                body = json;
                return null;
            default:
                bool isTaken = verb == ApiVerb.Patch || type is "application/json" or "*/*";
                return isTaken ? null : StatusJson.UnsupportedMediaType(UnknownFormat);
        }
    }

    private static string MediaType(HttpRequest request)
    {
        string type = request.ContentType ?? "";
        int end = type.IndexOf(';', StringComparison.Ordinal);
        type = (end < 0 ? type : type[..end]).Trim();
        return type.Length == 0 ? "application/json" : type;
    }

    private static ApiRequest Request(
        HttpRequest request, ResourcePath path, ApiVerb verb, SortedDictionary<string, string> query, ReadOnlyMemory<byte> body,
        ApiIdentity user) => new()
        {
            Verb = verb,
            Group = path.Group,
            Version = path.Version,
            Resource = path.Resource,
            Subresource = path.Subresource,
            Namespace = path.Namespace,
            Name = path.Name,
            Query = query,
            ContentType = MediaType(request) is var type && type == ProtobufBody.MediaType ? "application/json" : type,
            Body = body,
            User = user.Name,
            UserUid = user.Uid,
            UserGroups = user.Groups,
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
