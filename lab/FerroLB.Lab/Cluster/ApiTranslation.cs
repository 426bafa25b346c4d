using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using FerroLB.ApiServer.Store;
using FerroLB.Core.Kube;

namespace FerroLB.Lab.Cluster;

/// <summary>
/// What the HTTP client of production and the front of the API server do together: a request of a node becomes a request of the store.
/// </summary>
internal static class ApiTranslation
{
    /// <summary>The most objects per page go down to the server's own limit; 0 for none.</summary>
    public static ApiRequest ToStore(KubeRequest request, string user, int mostPerPage) => new()
    {
        Verb = request.Verb switch
        {
            KubeVerb.Get => ApiVerb.Get,
            KubeVerb.List => ApiVerb.List,
            KubeVerb.Watch => ApiVerb.Watch,
            KubeVerb.Create => ApiVerb.Create,
            KubeVerb.Patch => ApiVerb.Patch,
            _ => ApiVerb.Delete,
        },
        Group = request.Resource.Group,
        Version = request.Resource.Version,
        Resource = request.Resource.Plural,
        Subresource = request.Subresource ?? "",
        Namespace = request.Namespace,
        Name = request.Name,
        Query = Query(request, mostPerPage),
        ContentType = request.Verb != KubeVerb.Patch ? "application/json" : request.PatchKind switch
        {
            KubePatchKind.Merge => "application/merge-patch+json",
            KubePatchKind.Json => "application/json-patch+json",
            _ => "application/apply-patch+yaml",
        },
        Body = request.Body,
        User = user,
        UserAgent = user + "/lab",
    };

    /// <summary>A Status object, as the server words its refusals.</summary>
    public static byte[] Status(int code, string reason, string message) => Encoding.UTF8.GetBytes(
        $$"""
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{code}}}
        """);

    private static SortedDictionary<string, string> Query(KubeRequest request, int mostPerPage)
    {
        var query = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Put("labelSelector", request.LabelSelector);
        Put("fieldSelector", request.FieldSelector);
        Put("resourceVersion", request.ResourceVersion);
        Put("continue", request.Continue);
        Put("fieldManager", request.FieldManager);
        var limit = mostPerPage > 0 && mostPerPage < request.PageSize ? mostPerPage : request.PageSize;
        Put("limit", limit > 0 ? limit.ToString(CultureInfo.InvariantCulture) : null);
        Put("force", request.Force ? "true" : null);
        if (request.Verb == KubeVerb.Watch)
        {
            Put("allowWatchBookmarks", "true");
            Put("timeoutSeconds", ((long)request.WatchTimeout.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        }
        return query;

        void Put(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                query[key] = value;
        }
    }
}
