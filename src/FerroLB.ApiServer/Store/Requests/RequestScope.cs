using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.ApiServer.Store.Patches;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>A request together with what its URL names and what its query asks for.</summary>
internal sealed class RequestScope
{
    /// <summary>Looks the resource up; throws <see cref="ApiException"/> when it is not served.</summary>
    public RequestScope(ApiRequest request, ObjectStore store)
    {
        Request = request;
        Store = store;
        Kind = store.Registry.Find(request.Group, request.Resource) ?? throw ApiErrors.NoSuchResource();
        var version = Kind.Version(request.Version) ?? throw ApiErrors.NoSuchResource();
        if (request.Subresource.Length > 0 && !version.Subresources.Contains(request.Subresource))
            throw ApiErrors.NoSuchResource();
        if (version.DeprecationWarning is { } warning)
            Warnings.Add(warning);
        if (request.QueryValue("dryRun") is { } dryRun)
            DryRun = dryRun == "All"
                ? true
                : throw ApiErrors.Invalid("", request.Verb.ToString() + "Options", "",
                    [FieldError.NotSupported("dryRun", JsonTree.ToArray([dryRun]), ["All"])]);
    }

    /// <summary>The request.</summary>
    public ApiRequest Request { get; }

    /// <summary>The state.</summary>
    public ObjectStore Store { get; }

    /// <summary>The kind that the URL names.</summary>
    public ResourceKind Kind { get; }

    /// <summary>The version of the URL.</summary>
    public string Version => Request.Version;

    /// <summary>The subresource or "".</summary>
    public string Subresource => Request.Subresource;

    /// <summary>The namespace, "" for cluster-scoped kinds.</summary>
    public string Namespace => Kind.Namespaced ? Request.Namespace ?? "" : "";

    /// <summary>The namespace of a collection; null for all.</summary>
    public string? CollectionNamespace => Kind.Namespaced ? Request.Namespace : "";

    /// <summary>What webhooks said and must still be asked.</summary>
    public CallBook Calls => field ??= new CallBook(Request.Resumption, Store.NewCallId);

    /// <summary>What to tell the user besides the answer.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Whether nothing may be kept.</summary>
    public bool DryRun { get; set; }

    /// <summary>The live object that the URL names; throws 404.</summary>
    public StoredObject Find()
    {
        var name = Request.Name ?? throw ApiErrors.BadRequest("name is required");
        return Kind.Table.Find(Namespace, name) ?? throw ApiErrors.NotFound(Kind.Group, Kind.Plural, name);
    }

    /// <summary>Who writes: the fieldManager, or the client's name.</summary>
    public FieldOwner Manager(bool isApply)
    {
        var name = Request.QueryValue("fieldManager");
        if (string.IsNullOrEmpty(name))
        {
            if (isApply)
                throw ApiErrors.Invalid("meta.k8s.io", "PatchOptions", "",
                    [FieldError.Required("fieldManager", "is required for apply patch")]);
            var slash = Request.UserAgent.IndexOf('/', StringComparison.Ordinal);
            name = slash > 0 ? Request.UserAgent[..slash] : Request.UserAgent.Length > 0 ? Request.UserAgent : "unknown";
        }
        if (name.Length > 128)
            throw ApiErrors.Invalid("meta.k8s.io", "PatchOptions", "", [FieldError.TooLong("fieldManager", 128)]);
        return new FieldOwner(name, isApply, Kind.ApiVersion(Version), Subresource);
    }

    /// <summary>Reads the body as JSON; throws 400.</summary>
    public JsonNode? ParseBody(List<string>? duplicates)
    {
        if (Request.Body.Length > Store.Options.MaximumObjectBytes)
            throw new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {Store.Options.MaximumObjectBytes}");
        try
        {
            return JsonText.Parse(Request.Body.Span, duplicates);
        }
        catch (JsonException e)
        {
            throw ApiErrors.BadRequest($"the object provided is unrecognized (must be of type {Kind.Name}): couldn't get version/kind; " +
                $"json parse error: {e.Message}");
        }
    }

    /// <summary>A stored object in the version of the URL; never change it.</summary>
    public JsonObject Show(StoredObject stored) => Conversions.Show(this, stored, Version);

    /// <summary>An answer with an object.</summary>
    public ApiResponse Respond(int code, StoredObject stored)
    {
        Conversions.Prepare(this, [stored]);
        return new() { StatusCode = code, Body = stored.BytesFor(Kind, Version), Warnings = [.. Warnings] };
    }

    /// <summary>An answer with a tree.</summary>
    public ApiResponse Respond(int code, JsonObject json) => new() { StatusCode = code, Body = JsonText.Write(json),
        Warnings = [.. Warnings] };
}
