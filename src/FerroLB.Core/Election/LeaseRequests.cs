using System;
using System.Buffers;
using System.Globalization;
using System.Text.Json;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Election;

/// <summary>
/// The four writes of a Lease. All but the creation are merge patches with the version that they were computed from, so that they fail when
/// anybody else has written since.
/// </summary>
internal sealed class LeaseRequests(LeaderElectionOptions options)
{
    /// <summary>Says on a Lease without holder how the last term ended: "complete" or "unfinished".</summary>
    public const string ReleasedAnnotation = "ferrolb.io/released";

    /// <summary>The value of <see cref="ReleasedAnnotation"/> when no write of the term can still be under way.</summary>
    public const string Complete = "complete";

    /// <summary>The value of <see cref="ReleasedAnnotation"/> otherwise.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>A new Lease held by this process.</summary>
    public KubeRequest Create(DateTimeOffset utc) => Request(KubeVerb.Create, null, json =>
    {
        json.WriteString("apiVersion", KubeResource.Leases.ApiVersion);
        json.WriteString("kind", KubeResource.Leases.Kind);
        json.WriteStartObject("metadata");
        json.WriteString("namespace", options.Namespace);
        json.WriteString("name", options.Name);
        json.WriteEndObject();
        WriteTaken(json, 0, utc);
    });

    /// <summary>Takes a Lease from a holder that is gone.</summary>
    public KubeRequest Take(Lease seen, DateTimeOffset utc) => Request(KubeVerb.Patch, options.Name, json =>
    {
        WriteMeta(json, seen, hasAnnotation: seen.Metadata.Annotation(ReleasedAnnotation) is not null, null);
        WriteTaken(json, (seen.LeaseTransitions ?? 0) + 1, utc);
    });

    /// <summary>Renews the own Lease.</summary>
    public KubeRequest Renew(Lease seen, DateTimeOffset utc) => Request(KubeVerb.Patch, options.Name, json =>
    {
        WriteMeta(json, seen, hasAnnotation: false, null);
        json.WriteStartObject("spec");
        json.WriteString("renewTime", MicroTime(utc));
        json.WriteEndObject();
    });

    /// <summary>Gives the own Lease back.</summary>
    public KubeRequest Release(Lease seen, bool isComplete, DateTimeOffset utc) => Request(KubeVerb.Patch, options.Name, json =>
    {
        WriteMeta(json, seen, hasAnnotation: true, isComplete ? Complete : Unfinished);
        json.WriteStartObject("spec");
        json.WriteNull("holderIdentity");
        json.WriteNumber("leaseDurationSeconds", 1);
        json.WriteString("renewTime", MicroTime(utc));
        json.WriteEndObject();
    });

    /// <summary>Reads the Lease as it is now.</summary>
    public KubeRequest Get() => Request(KubeVerb.Get, options.Name, null);

    private KubeRequest Request(KubeVerb verb, string? name, Action<Utf8JsonWriter>? body) => new()
    {
        Id = 0,
        Verb = verb,
        Resource = KubeResource.Leases,
        Namespace = options.Namespace,
        Name = name,
        PatchKind = KubePatchKind.Merge,
        FieldManager = body is null ? null : options.FieldManager,
        Body = body is null ? default : Write(body),
    };

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static void WriteMeta(Utf8JsonWriter json, Lease seen, bool hasAnnotation, string? annotation)
    {
        json.WriteStartObject("metadata");
        if (seen.Metadata.Uid is { } uid)
            json.WriteString("uid", uid);
        if (seen.Metadata.ResourceVersion is { } version)
            json.WriteString("resourceVersion", version);
        if (hasAnnotation)
        {
            json.WriteStartObject("annotations");
            json.WriteString(ReleasedAnnotation, annotation);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private void WriteTaken(Utf8JsonWriter json, int transitions, DateTimeOffset utc)
    {
        json.WriteStartObject("spec");
        json.WriteString("holderIdentity", options.Identity);
        json.WriteNumber("leaseDurationSeconds", (int)Math.Ceiling(options.LeaseDuration.TotalSeconds));
        json.WriteString("acquireTime", MicroTime(utc));
        json.WriteString("renewTime", MicroTime(utc));
        json.WriteNumber("leaseTransitions", transitions);
        json.WriteEndObject();
    }

    private static string MicroTime(DateTimeOffset utc) =>
        utc.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
