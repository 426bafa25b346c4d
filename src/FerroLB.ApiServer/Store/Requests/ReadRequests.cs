using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Selection;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>GET of one object and of collections.</summary>
internal static class ReadRequests
{
    /// <summary>GET of one object.</summary>
    public static ApiResponse Get(RequestScope scope) => scope.Respond(200, scope.Find());

    /// <summary>GET of a collection, or of the next page of one.</summary>
    public static ApiResponse List(RequestScope scope, ListSnapshots snapshots)
    {
        var limit = ReadLimit(scope.Request);
        if (scope.Request.QueryValue("continue") is { Length: > 0 } token)
        {
            var (id, version, rest, position) = snapshots.Find(token);
            return Page(scope, rest, version, position, limit, () => id);
        }
        CheckVersion(scope);
        var objects = Select(scope);
        return Page(scope, objects, scope.Store.Version, 0, limit, () => snapshots.Keep(scope.Store.Version, objects));
    }

    /// <summary>The live objects that the URL and the selectors name.</summary>
    public static List<StoredObject> Select(RequestScope scope)
    {
        var labels = LabelSelector.Parse(scope.Request.QueryValue("labelSelector"));
        var fields = FieldSelector.Parse(scope.Request.QueryValue("fieldSelector"), scope.Kind, scope.Version);
        var candidates = scope.Kind.Table.List(scope.CollectionNamespace);
        if (labels.IsEmpty && fields.IsEmpty)
            return candidates;
        if (fields.Name is { } name && scope.CollectionNamespace is { } space)
            candidates = scope.Kind.Table.Find(space, name) is { } only ? [only] : [];
        return candidates.FindAll(stored =>
            labels.Matches(stored.Labels) && (fields.IsEmpty || fields.Matches(scope.Kind, stored, scope.Version)));
    }

    /// <summary>The version that a query names, or null for "any"; throws 400 for text that is none.</summary>
    public static long? ReadVersion(ApiRequest request)
    {
        if (request.QueryValue("resourceVersion") is not { Length: > 0 } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw ApiErrors.Invalid("", "", "", [FieldError.Invalid("resourceVersion", text, "must be an unsigned integer")]);
    }

    /// <summary>Refuses a version that is not there yet.</summary>
    public static void CheckNotInFuture(long version, long current)
    {
        if (version > current)
            throw new ApiException(504, "Timeout", $"Timeout: Too large resource version: {version}, current: {current}", new JsonObject
            {
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge",
                    ["message"] = "Too large resource version" }),
                ["retryAfterSeconds"] = 1,
            });
    }

    private static void CheckVersion(RequestScope scope)
    {
        var version = ReadVersion(scope.Request);
        var match = scope.Request.QueryValue("resourceVersionMatch") ?? "";
        if (match.Length > 0 && match is not ("Exact" or "NotOlderThan"))
            throw InvalidOptions(FieldError.NotSupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]));
        if (match.Length > 0 && version is null)
            throw InvalidOptions(FieldError.Forbidden("resourceVersionMatch",
                "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        if (version is not { } wanted)
            return;
        CheckNotInFuture(wanted, scope.Store.Version);
        if (match == "Exact" && wanted < scope.Store.Version)
            throw ApiErrors.Expired($"The resourceVersion for the provided list is too old: {wanted} ({scope.Store.Version})");
    }

    private static ApiException InvalidOptions(FieldError error) => ApiErrors.Invalid("meta.k8s.io", "ListOptions", "", [error]);

    private static int ReadLimit(ApiRequest request)
    {
        if (request.QueryValue("limit") is not { Length: > 0 } text)
            return int.MaxValue;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit))
            throw ApiErrors.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
        return limit <= 0 ? int.MaxValue : (int)Math.Min(limit, int.MaxValue);
    }

    private static ApiResponse Page(RequestScope scope, List<StoredObject> objects, long version, int position, int limit,
        Func<long> snapshot)
    {
        var count = Math.Min(limit, objects.Count - position);
        var remaining = objects.Count - position - count;
        var next = remaining > 0 ? ListSnapshots.Token(snapshot(), version, position + count) : null;
        var page = objects.GetRange(position, count);
        Conversions.Prepare(scope, page);
        // The count cannot be told of a filtered list; Kubernetes leaves it out as well.
        var isFiltered = scope.Request.QueryValue("labelSelector") is { Length: > 0 } ||
            scope.Request.QueryValue("fieldSelector") is { Length: > 0 };
        return new ApiResponse
        {
            StatusCode = 200,
            Body = ListWriter.Write(scope, page, version, next, next is null || isFiltered ? null : remaining),
            Warnings = [.. scope.Warnings],
        };
    }
}
