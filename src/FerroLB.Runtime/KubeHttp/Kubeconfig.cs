using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>
/// Reads kubeconfig files: the current context's cluster and user. Of several files the first that names something wins, as kubectl has it.
/// Understood are server, certificate-authority(-data), insecure-skip-tls-verify, tls-server-name, token, tokenFile and client
/// certificates; credential plug-ins are refused by name. Every error says which file and which field.
/// </summary>
public static class Kubeconfig
{
    /// <summary>Reads the files.</summary>
    /// <param name="paths">At least one; files that do not exist are skipped if another does.</param>
    /// <exception cref="KubeAccessException">None is readable, or what they say is not usable.</exception>
    public static KubeAccess Read(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var present = paths.Where(File.Exists).ToList();
        var files = (present.Count > 0 ? present : paths).Select(Load).ToList();
        var origin = string.Join(Path.PathSeparator, files.Select(f => f.Path));
        var contextName = files.Select(f => Text(f.Root, "current-context")).FirstOrDefault(name => !string.IsNullOrEmpty(name))
            ?? throw Invalid(origin, "current-context is not set", "Set it with: kubectl config use-context NAME");
        var (_, context) = Find(files, "contexts", "context", contextName);
        var cluster = Find(files, "clusters", "cluster", Required(origin, context, "cluster", contextName));
        var userName = Text(context, "user");
        var user = string.IsNullOrEmpty(userName) ? (origin, new YamlMappingNode()) : Find(files, "users", "user", userName);
        return Access(cluster, user);
    }

    private static KubeAccess Access((string Path, YamlMappingNode Node) cluster, (string Path, YamlMappingNode Node) user)
    {
        foreach (var plugin in (ReadOnlySpan<string>)["exec", "auth-provider", "username"])
        {
            if (user.Node.Children.ContainsKey(plugin))
                throw Invalid(user.Path, $"{plugin} credentials are not supported", "Use a token or a client certificate.");
        }
        var server = Text(cluster.Node, "server");
        if (!Uri.TryCreate($"{server?.TrimEnd('/')}/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw Invalid(cluster.Path, $"server \"{server}\" is not an http or https URL", "Correct the cluster's server field.");
        return new()
        {
            Server = address,
            Origin = $"kubeconfig {cluster.Path}",
            Authorities = DataOrFile(cluster, "certificate-authority"),
            SkipsVerification = Text(cluster.Node, "insecure-skip-tls-verify") == "true",
            ServerName = Text(cluster.Node, "tls-server-name") is { Length: > 0 } name ? name : null,
            Token = TokenOf(user),
            ClientCertificate = CertificateOf(user),
        };
    }

    private static RotatingFile? TokenOf((string Path, YamlMappingNode Node) user)
    {
        if (Text(user.Node, "tokenFile") is { Length: > 0 } file)
            return RotatingFile.At(Beside(user.Path, file));
        return Text(user.Node, "token") is { Length: > 0 } token ? RotatingFile.Constant(token) : null;
    }

    private static X509Certificate2? CertificateOf((string Path, YamlMappingNode Node) user)
    {
        var certificate = DataOrFile(user, "client-certificate")?.Read();
        var key = DataOrFile(user, "client-key")?.Read();
        if (certificate is null && key is null)
            return null;
        if (certificate is null || key is null)
            throw Invalid(user.Path, "client-certificate and client-key belong together, but one is missing", "Add the other one.");
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (CryptographicException e)
        {
            throw Invalid(user.Path, $"client-certificate or client-key is not valid PEM ({e.Message})", "Replace it.");
        }
    }

    private static RotatingFile? DataOrFile((string Path, YamlMappingNode Node) owner, string field)
    {
        if (Text(owner.Node, $"{field}-data") is { Length: > 0 } data)
        {
            var octets = new byte[data.Length];
            return Convert.TryFromBase64String(data, octets, out var count)
                ? RotatingFile.Constant(Encoding.UTF8.GetString(octets, 0, count))
                : throw Invalid(owner.Path, $"{field}-data is not base64", "Write the PEM text in base64, on one line.");
        }
        return Text(owner.Node, field) is { Length: > 0 } file ? RotatingFile.At(Beside(owner.Path, file)) : null;
    }

    private static (string Path, YamlMappingNode Root) Load(string path)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(File.ReadAllText(path)));
            return yaml.Documents.Count > 0 && yaml.Documents[0].RootNode is YamlMappingNode root
                ? (path, root)
                : throw Invalid(path, "it is empty or not a mapping", "Name a kubeconfig file with --kubeconfig or in KUBECONFIG.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeAccessException(
                $"cannot read kubeconfig {path}: {e.Message} Name a readable file with --kubeconfig or in KUBECONFIG.");
        }
        catch (YamlException e)
        {
            throw Invalid(path, $"line {e.Start.Line}, column {e.Start.Column}: {e.Message}", "Correct the YAML.");
        }
    }

    private static (string Path, YamlMappingNode Node) Find(
        List<(string Path, YamlMappingNode Root)> files, string list, string field, string name)
    {
        foreach (var (path, root) in files)
        {
            if (!root.Children.TryGetValue(list, out var node) || node is not YamlSequenceNode items)
                continue;
            var item = items.OfType<YamlMappingNode>().FirstOrDefault(i => Text(i, "name") == name);
            if (item is not null && item.Children.TryGetValue(field, out var content) && content is YamlMappingNode found)
                return (path, found);
        }
        throw Invalid(files[0].Path, $"{list} has no entry named \"{name}\"", "Add it, or choose another context.");
    }

    private static string Required(string path, YamlMappingNode node, string field, string owner) =>
        Text(node, field) is { Length: > 0 } value
            ? value
            : throw Invalid(path, $"context \"{owner}\" names no {field}", $"Add the field {field}.");

    private static string? Text(YamlMappingNode node, string field) =>
        node.Children.TryGetValue(field, out var value) && value is YamlScalarNode scalar ? scalar.Value : null;

    private static string Beside(string path, string file) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "", file);

    private static KubeAccessException Invalid(string path, string what, string remedy) => new($"kubeconfig {path}: {what}. {remedy}");
}
