using System;
using System.IO;
using System.Net;
using System.Net.Sockets;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>The credentials that Kubernetes mounts into every pod.</summary>
public static class ServiceAccount
{
    private const string DefaultDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The namespace of this pod; null outside a pod.</summary>
    public static string? Namespace(string directory = DefaultDirectory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, "namespace")).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The way to the API from within a pod; null outside a pod.</summary>
    /// <exception cref="KubeAccessException">In a pod, but the token or the authority cannot be read.</exception>
    public static KubeAccess? Read() => Read(
        DefaultDirectory,
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"),
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT"));

    /// <summary>The way to the API that a directory and the two variables of a pod's environment tell; null without
    /// them.</summary>
    /// <exception cref="KubeAccessException">The token or the authority cannot be read.</exception>
    internal static KubeAccess? Read(string directory, string? host, string? port)
    {
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
            return null;
        var isIPv6 = IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        return new()
        {
            Server = new($"https://{(isIPv6 ? $"[{host}]" : host)}:{port}/"),
            Origin = "the pod's service account",
            Token = RotatingFile.At(Path.Combine(directory, "token")),
            Authorities = RotatingFile.At(Path.Combine(directory, "ca.crt")),
        };
    }
}
