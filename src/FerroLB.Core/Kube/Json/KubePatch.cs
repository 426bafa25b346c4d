using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>
/// Writes the bodies of the requests that FerroLB makes. Patches carry the version they were computed from, so a stale one is refused.
/// </summary>
public static class KubePatch
{
    // Bodies go to the API server, never into HTML, so quotes stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// A merge patch on services/status: the whole ingress list, the whole list of conditions, and one annotation (null removes it).
    /// Annotations are accepted by the status subresource, so the address and the name of its pool change together. Another annotation
    /// may be removed with them.
    /// </summary>
    public static ReadOnlyMemory<byte> ServiceStatus(
        ObjectMeta seen,
        string annotation,
        string? annotationValue,
        IReadOnlyList<ServiceIngress> ingress,
        IReadOnlyList<ObjectCondition> conditions,
        string? removedAnnotation = null) =>
        Write(json =>
        {
            json.WriteStartObject("metadata");
            WriteVersion(json, seen);
            json.WriteStartObject("annotations");
            json.WriteString(annotation, annotationValue);
            if (removedAnnotation is not null)
                json.WriteNull(removedAnnotation);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("status");
            json.WriteStartObject("loadBalancer");
            WriteList(json, "ingress", ingress, WriteIngress);
            json.WriteEndObject();
            WriteList(json, "conditions", conditions, WriteCondition);
            json.WriteEndObject();
        });

    /// <summary>A merge patch on a status that replaces the whole list of conditions and nothing else.</summary>
    public static ReadOnlyMemory<byte> Conditions(ObjectMeta seen, IReadOnlyList<ObjectCondition> conditions) =>
        Status(seen, json => WriteList(json, "conditions", conditions, WriteCondition));

    /// <summary>A merge patch of one annotation.</summary>
    public static ReadOnlyMemory<byte> Annotation(ObjectMeta seen, string annotation, string value) => Write(json =>
    {
        json.WriteStartObject("metadata");
        WriteVersion(json, seen);
        json.WriteStartObject("annotations");
        json.WriteString(annotation, value);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>A merge patch on ipaddresspools/status.</summary>
    public static ReadOnlyMemory<byte> PoolStatus(ObjectMeta seen, IpAddressPoolStatus status) => Status(seen, json =>
    {
        json.WriteNumber("assignedIPv4", status.AssignedIPv4);
        json.WriteNumber("assignedIPv6", status.AssignedIPv6);
        json.WriteNumber("availableIPv4", status.AvailableIPv4);
        json.WriteNumber("availableIPv6", status.AvailableIPv6);
    });

    /// <summary>A new object with nothing but a name, labels and perhaps an owner.</summary>
    public static ReadOnlyMemory<byte> NewObject(
        KubeResource resource, ObjectKey key, IReadOnlyDictionary<string, string> labels, ObjectReference? owner) =>
        New(resource, key.Namespace, ("name", key.Name), labels, owner);

    /// <summary>A new Secret with one entry.</summary>
    public static ReadOnlyMemory<byte> NewSecret(ObjectKey key, ObjectReference? owner, string entry, ReadOnlySpan<byte> value)
    {
        var data = Convert.ToBase64String(value);
        return Write(json =>
        {
            json.WriteString("apiVersion", KubeResource.Secrets.ApiVersion);
            json.WriteString("kind", KubeResource.Secrets.Kind);
            json.WriteStartObject("metadata");
            json.WriteString("namespace", key.Namespace);
            json.WriteString("name", key.Name);
            WriteOwner(json, owner);
            json.WriteEndObject();
            json.WriteString("type", "Opaque");
            json.WriteStartObject("data");
            json.WriteString(entry, data);
            json.WriteEndObject();
        });
    }

    /// <summary>An object like that of <see cref="NewObject"/>, whose name the server draws behind a prefix.</summary>
    public static ReadOnlyMemory<byte> NewGenerated(
        KubeResource resource, string ns, string prefix, IReadOnlyDictionary<string, string> labels, ObjectReference? owner) =>
        New(resource, ns, ("generateName", prefix), labels, owner);

    /// <summary>A merge patch on servicel2statuses/status; no interfaces means all.</summary>
    public static ReadOnlyMemory<byte> ServiceL2Status(
        ObjectMeta seen, string node, ObjectKey service, IReadOnlyList<string> interfaces) => Status(seen, json =>
    {
        WriteNodeAndService(json, node, service);
        WriteList(json, "interfaces", interfaces, static (json, name) => json.WriteString("name", name));
    });

    /// <summary>A merge patch on servicebgpstatuses/status.</summary>
    public static ReadOnlyMemory<byte> ServiceBgpStatus(
        ObjectMeta seen, string node, ObjectKey service, IReadOnlyList<string> peers) => Status(seen, json =>
    {
        WriteNodeAndService(json, node, service);
        WriteStrings(json, "peers", peers);
    });

    /// <summary>A merge patch that adds labels and, when there is one, makes the owner the only one.</summary>
    public static ReadOnlyMemory<byte> Metadata(ObjectMeta seen, IReadOnlyDictionary<string, string> labels, ObjectReference? owner) =>
        Write(json =>
        {
            json.WriteStartObject("metadata");
            WriteVersion(json, seen);
            WriteLabelsAndOwner(json, labels, owner);
            json.WriteEndObject();
        });

    /// <summary>A merge patch on configurationstates/status; an empty summary removes the field.</summary>
    public static ReadOnlyMemory<byte> ConfigurationState(
        ObjectMeta seen, string result, string errorSummary, IReadOnlyList<ObjectCondition> conditions) => Status(seen, json =>
    {
        json.WriteString("result", result);
        json.WriteString("errorSummary", errorSummary.Length == 0 ? null : errorSummary);
        WriteList(json, "conditions", conditions, WriteCondition);
    });

    /// <summary>A time as metav1.Time writes it: UTC, whole seconds.</summary>
    public static string Rfc3339(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A merge patch on a status, with the version that it was computed from.</summary>
    internal static ReadOnlyMemory<byte> Status(ObjectMeta seen, Action<Utf8JsonWriter> fields) => Write(json =>
    {
        json.WriteStartObject("metadata");
        WriteVersion(json, seen);
        json.WriteEndObject();
        json.WriteStartObject("status");
        fields(json);
        json.WriteEndObject();
    });

    internal static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static ReadOnlyMemory<byte> New(
        KubeResource resource, string ns, (string Field, string Value) name, IReadOnlyDictionary<string, string> labels,
        ObjectReference? owner) => Write(json =>
    {
        json.WriteString("apiVersion", resource.ApiVersion);
        json.WriteString("kind", resource.Kind);
        json.WriteStartObject("metadata");
        json.WriteString("namespace", ns);
        json.WriteString(name.Field, name.Value);
        WriteLabelsAndOwner(json, labels, owner);
        json.WriteEndObject();
    });

    private static void WriteNodeAndService(Utf8JsonWriter json, string node, ObjectKey service)
    {
        json.WriteString("node", node);
        json.WriteString("serviceName", service.Name);
        json.WriteString("serviceNamespace", service.Namespace);
    }

    private static void WriteVersion(Utf8JsonWriter json, ObjectMeta seen)
    {
        if (seen.Uid is { } uid)
            json.WriteString("uid", uid);
        if (seen.ResourceVersion is { } version)
            json.WriteString("resourceVersion", version);
    }

    private static void WriteLabelsAndOwner(Utf8JsonWriter json, IReadOnlyDictionary<string, string> labels, ObjectReference? owner)
    {
        json.WriteStartObject("labels");
        foreach (var (name, value) in labels)
            json.WriteString(name, value);
        json.WriteEndObject();
        WriteOwner(json, owner);
    }

    private static void WriteOwner(Utf8JsonWriter json, ObjectReference? owner)
    {
        if (owner?.Uid is not { } uid)
            return;
        WriteList(json, "ownerReferences", [owner], (json, owner) =>
        {
            json.WriteString("apiVersion", owner.Resource.ApiVersion);
            json.WriteString("kind", owner.Resource.Kind);
            json.WriteString("name", owner.Key.Name);
            json.WriteString("uid", uid);
        });
    }

    /// <summary>An empty list is written as null, which in a merge patch removes the field.</summary>
    internal static void WriteList<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteIngress(Utf8JsonWriter json, ServiceIngress ingress)
    {
        if (ingress.Ip is { } ip)
            json.WriteString("ip", ip);
        if (ingress.Hostname is { } hostname)
            json.WriteString("hostname", hostname);
        if (ingress.IpMode is { } mode)
            json.WriteString("ipMode", mode);
        if (ingress.Ports is not { Count: > 0 } ports)
            return;
        WriteList(json, "ports", ports, static (json, port) =>
        {
            json.WriteNumber("port", port.Port);
            if (port.Protocol is { } protocol)
                json.WriteString("protocol", protocol);
            if (port.Error is { } error)
                json.WriteString("error", error);
        });
    }

    private static void WriteCondition(Utf8JsonWriter json, ObjectCondition condition)
    {
        json.WriteString("type", condition.Type);
        json.WriteString("status", condition.Status);
        if (condition.ObservedGeneration is { } generation)
            json.WriteNumber("observedGeneration", generation);
        if (condition.LastTransitionTime is { } time)
            json.WriteString("lastTransitionTime", Rfc3339(time));
        json.WriteString("reason", condition.Reason ?? "");
        json.WriteString("message", condition.Message ?? "");
    }
}
