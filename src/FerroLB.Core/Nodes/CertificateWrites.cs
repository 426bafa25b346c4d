using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using FerroLB.Core.Certificates;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The requests that store certificates and spread trust in them. Each carries the version that it was computed from, so that of two
/// replicas that write at once only one gets through.
/// </summary>
internal static class CertificateWrites
{
    /// <summary>The field manager that MetalLB uses for its injections.</summary>
    private const string FieldManager = "MetalLB";

    /// <summary>Reads the four keys of the Secret; what is missing or not base64 reads as "".</summary>
    public static CertificateBundle Read(Secret secret) =>
        new(Read(secret, "ca.crt"), Read(secret, "ca.key"), Read(secret, "tls.crt"), Read(secret, "tls.key"));

    /// <summary>Creates the Secret.</summary>
    public static KubeRequest Create(ObjectKey key, CertificateBundle bundle) => new()
    {
        Id = 0,
        Verb = KubeVerb.Create,
        Resource = KubeResource.Secrets,
        Namespace = key.Namespace,
        FieldManager = FieldManager,
        Body = Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", "v1");
            json.WriteString("kind", "Secret");
            json.WriteStartObject("metadata");
            json.WriteString("namespace", key.Namespace);
            json.WriteString("name", key.Name);
            json.WriteEndObject();
            json.WriteString("type", "Opaque");
            WriteData(json, bundle);
            json.WriteEndObject();
        }),
    };

    /// <summary>Replaces the four keys in the Secret as seen; whatever else is in it stays.</summary>
    public static KubeRequest Update(Secret seen, CertificateBundle bundle) => new()
    {
        Id = 0,
        Verb = KubeVerb.Patch,
        Resource = KubeResource.Secrets,
        Namespace = seen.Key.Namespace,
        Name = seen.Key.Name,
        PatchKind = KubePatchKind.Merge,
        FieldManager = FieldManager,
        Body = Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteString("uid", seen.Metadata.Uid);
            json.WriteString("resourceVersion", seen.Metadata.ResourceVersion);
            json.WriteEndObject();
            WriteData(json, bundle);
            json.WriteEndObject();
        }),
    };

    /// <summary>Sets `caBundle` fields of an object as seen, by their JSON pointers.</summary>
    public static KubeRequest SetBundles(
        KubeResource resource, WebhookRegistration seen, IEnumerable<(string Path, string Bundle)> bundles) => new()
    {
        Id = 0,
        Verb = KubeVerb.Patch,
        Resource = resource,
        Name = seen.Key.Name,
        PatchKind = KubePatchKind.Json,
        FieldManager = FieldManager,
        Body = Write(json =>
        {
            json.WriteStartArray();
            // Replacing the version by the one seen makes the server answer 409 when the object has moved on; a failed "test" would not.
            WriteOperation(json, "replace", "/metadata/resourceVersion", seen.Metadata.ResourceVersion ?? "");
            foreach (var (path, bundle) in bundles)
                WriteOperation(json, "add", path, bundle);
            json.WriteEndArray();
        }),
    };

    private static string Read(Secret secret, string key)
    {
        if (secret.Data is not { } data || !data.TryGetValue(key, out var text))
            return "";
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            return "";
        }
    }

    private static void WriteData(Utf8JsonWriter json, CertificateBundle bundle)
    {
        json.WriteStartObject("data");
        json.WriteBase64String("ca.crt", Encoding.UTF8.GetBytes(bundle.CaCertificate));
        json.WriteBase64String("ca.key", Encoding.UTF8.GetBytes(bundle.CaKey));
        json.WriteBase64String("tls.crt", Encoding.UTF8.GetBytes(bundle.ServerCertificate));
        json.WriteBase64String("tls.key", Encoding.UTF8.GetBytes(bundle.ServerKey));
        json.WriteEndObject();
    }

    private static void WriteOperation(Utf8JsonWriter json, string operation, string path, string value)
    {
        json.WriteStartObject();
        json.WriteString("op", operation);
        json.WriteString("path", path);
        json.WriteString("value", value);
        json.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return buffer.WrittenMemory;
    }
}
