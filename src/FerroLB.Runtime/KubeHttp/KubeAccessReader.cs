using System;
using System.IO;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>Finds the way to the Kubernetes API in the order that Kubernetes' own programs follow.</summary>
public static class KubeAccessReader
{
    /// <summary>
    /// The first of: the file named on the command line, the files of KUBECONFIG, the pod's service account, ~/.kube/config.
    /// </summary>
    /// <param name="kubeconfigPath">What --kubeconfig says; null or empty when absent.</param>
    /// <exception cref="KubeAccessException">There is none of them, or the first one is not valid.</exception>
    public static KubeAccess Read(string? kubeconfigPath)
    {
        if (!string.IsNullOrEmpty(kubeconfigPath))
            return Kubeconfig.Read([kubeconfigPath]);
        var variable = Environment.GetEnvironmentVariable("KUBECONFIG");
        if (!string.IsNullOrEmpty(variable))
            return Kubeconfig.Read(variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        if (ServiceAccount.Read() is { } account)
            return account;
        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        if (File.Exists(home))
            return Kubeconfig.Read([home]);
        throw new KubeAccessException(
            "no Kubernetes cluster is configured: this is not a pod, and there is no ~/.kube/config. " +
            "Name a kubeconfig file with --kubeconfig or in KUBECONFIG.");
    }
}
