using System;
using System.Text;

namespace FerroLB.ApiServer.Http;

/// <summary>The kubeconfig that lets kubectl, client libraries and FerroLB itself reach the embedded server.</summary>
public static class KubeConfigText
{
    /// <summary>Builds the YAML text: one cluster, one user with a bearer token, one context named `ferrolb`.</summary>
    /// <param name="serverUrl">For example `https://127.0.0.1:6443`.</param>
    /// <param name="identity">Authority and token to embed.</param>
    public static string Build(string serverUrl, ServerIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        string authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(identity.AuthorityPem));
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: ferrolb
              cluster:
                server: {serverUrl}
                certificate-authority-data: {authority}
            users:
            - name: ferrolb
              user:
                token: {identity.Token}
            contexts:
            - name: ferrolb
              context:
                cluster: ferrolb
                user: ferrolb
            current-context: ferrolb

            """;
    }
}
