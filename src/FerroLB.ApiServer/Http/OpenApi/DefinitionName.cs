using System;
using System.Linq;

namespace FerroLB.ApiServer.Http.OpenApi;

/// <summary>The names that Kubernetes gives to schemas in OpenAPI documents.</summary>
public static class DefinitionName
{
    /// <summary>The schema of metadata, to which every object's schema refers.</summary>
    public const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /// <summary>
    /// Names the schema of a kind: io.metallb.v1beta1.IPAddressPool for a custom resource (its group reversed),
    /// io.k8s.api.core.v1.Service or io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition for what Kubernetes
    /// itself defines.
    /// </summary>
    public static string Of(string group, string version, string kind, bool isCustom)
    {
        ArgumentNullException.ThrowIfNull(group);
        if (isCustom)
            return string.Join('.', group.Split('.').Reverse()) + "." + version + "." + kind;
        if (group == "apiextensions.k8s.io")
            return "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions." + version + "." + kind;
        string package = group.Length == 0 ? "core" : group.Split('.')[0];
        return "io.k8s.api." + package + "." + version + "." + kind;
    }
}
