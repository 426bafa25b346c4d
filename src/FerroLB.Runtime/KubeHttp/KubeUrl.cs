using System;
using System.Globalization;
using System.Text;
using FerroLB.Core.Kube;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>Path and query of a request to the Kubernetes API.</summary>
internal static class KubeUrl
{
    /// <summary>The path and query, relative to the server's base address, without a leading slash.</summary>
    public static string Of(KubeRequest request)
    {
        var url = new StringBuilder();
        var resource = request.Resource;
        url.Append(resource.Group.Length == 0 ? "api/" : "apis/").Append(resource.ApiVersion);
        if (resource.Namespaced && request.Namespace is { Length: > 0 } space)
            url.Append("/namespaces/").Append(Uri.EscapeDataString(space));
        url.Append('/').Append(resource.Plural);
        if (request is { Name: { } name, Verb: not (KubeVerb.Create or KubeVerb.List or KubeVerb.Watch) })
            url.Append('/').Append(Uri.EscapeDataString(name));
        if (request.Subresource is { } subresource)
            url.Append('/').Append(subresource);
        AddQuery(url, request);
        return url.ToString();
    }

    private static void AddQuery(StringBuilder url, KubeRequest request)
    {
        var isCollection = request.Verb is KubeVerb.List or KubeVerb.Watch;
        if (isCollection)
        {
            Add(url, "labelSelector", request.LabelSelector);
            Add(url, "fieldSelector", request.FieldSelector);
        }
        if (isCollection || request.Verb == KubeVerb.Get)
            Add(url, "resourceVersion", request.ResourceVersion);
        if (request.Verb == KubeVerb.List)
        {
            Add(url, "limit", request.PageSize > 0 ? request.PageSize.ToString(CultureInfo.InvariantCulture) : null);
            Add(url, "continue", request.Continue);
        }
        if (request.Verb == KubeVerb.Watch)
        {
            Add(url, "watch", "true");
            Add(url, "allowWatchBookmarks", "true");
            var seconds = (long)request.WatchTimeout.TotalSeconds;
            Add(url, "timeoutSeconds", seconds > 0 ? seconds.ToString(CultureInfo.InvariantCulture) : null);
        }
        if (request.Verb is KubeVerb.Create or KubeVerb.Patch)
            Add(url, "fieldManager", request.FieldManager);
        if (request is { Verb: KubeVerb.Patch, PatchKind: KubePatchKind.Apply, Force: true })
            Add(url, "force", "true");
    }

    private static void Add(StringBuilder url, string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;
        url.Append(url.ToString().Contains('?', StringComparison.Ordinal) ? '&' : '?');
        url.Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }
}
