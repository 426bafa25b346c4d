using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Turns what happened to an object into core/v1 Events, on change only: the same reason and message for the same object, twice in a row,
/// is one event. What was said last about an object is remembered for the <see cref="MostRemembered"/> objects spoken about most recently,
/// and forgotten when the object goes.
/// </summary>
public sealed class EventRecorder(string component, string host, SeededRandom random)
{
    /// <summary>For how many objects the last event is remembered; the one spoken about longest ago is forgotten first.</summary>
    public const int MostRemembered = 20_000;

    private readonly SortedDictionary<(string Kind, ObjectKey Key), LinkedListNode<Said>> _last = new(ByKindThenKey);
    private static readonly IComparer<(string Kind, ObjectKey Key)> ByKindThenKey =
        Comparer<(string Kind, ObjectKey Key)>.Create((a, b) =>
        {
            var byKind = string.CompareOrdinal(a.Kind, b.Kind);
            return byKind != 0 ? byKind : a.Key.CompareTo(b.Key);
        });

    private readonly LinkedList<Said> _byAge = new();

    /// <summary>Makes the creation of an Event for the write queue, or null when it would repeat the last one about the object.</summary>
    /// <param name="about">The object.</param>
    /// <param name="isWarning">Warning, else Normal.</param>
    /// <param name="reason">The reason, one of the names that tools look for.</param>
    /// <param name="message">The message for the user.</param>
    /// <param name="utc">The wall clock.</param>
    public WriteInput.Submitted? Record(ObjectReference about, bool isWarning, string reason, string message, DateTimeOffset utc)
    {
        var key = (about.Resource.Kind, about.Key);
        var digest = DigestOf(about.Uid ?? "", reason, message);
        if (_last.TryGetValue(key, out var before))
        {
            if (before.Value.Digest == digest)
                return null;
            _byAge.Remove(before);
        }
        _last[key] = _byAge.AddLast(new Said(key, digest));
        if (_byAge.Count > MostRemembered)
            Forget(_byAge.First!.Value.Key);
        return Creation(about, isWarning, reason, message, utc);
    }

    /// <summary>Whether anything was said about an object since the start.</summary>
    public bool Knows(KubeResource resource, ObjectKey key) => _last.ContainsKey((resource.Kind, key));

    /// <summary>Forgets what was said about an object that is gone.</summary>
    public void Forget(KubeResource resource, ObjectKey key) => Forget((resource.Kind, key));

    private void Forget((string Kind, ObjectKey Key) key)
    {
        if (_last.Remove(key, out var node))
            _byAge.Remove(node);
    }

    private WriteInput.Submitted Creation(ObjectReference about, bool isWarning, string reason, string message, DateTimeOffset utc)
    {
        // Events of cluster-scoped objects live in the namespace "default", as everywhere in Kubernetes.
        var ns = about.Key.Namespace.Length == 0 ? "default" : about.Key.Namespace;
        var name = string.Create(CultureInfo.InvariantCulture, $"{about.Key.Name}.{random.NextUInt64():x16}");
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body))
            Write(json, about, (ns, name), (isWarning, reason, message), utc);
        return new($"events/{ns}/{name}", new()
        {
            Id = 0,
            Verb = KubeVerb.Create,
            Resource = KubeResource.Events,
            Namespace = ns,
            FieldManager = component,
            Body = body.WrittenSpan.ToArray(),
        });
    }

    private void Write(
        Utf8JsonWriter json,
        ObjectReference about,
        (string Namespace, string Name) self,
        (bool IsWarning, string Reason, string Message) what,
        DateTimeOffset utc)
    {
        var time = utc.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        json.WriteStartObject();
        json.WriteString("apiVersion", "v1");
        json.WriteString("kind", "Event");
        json.WriteStartObject("metadata");
        json.WriteString("namespace", self.Namespace);
        json.WriteString("name", self.Name);
        json.WriteEndObject();
        json.WriteStartObject("involvedObject");
        json.WriteString("apiVersion", about.Resource.ApiVersion);
        json.WriteString("kind", about.Resource.Kind);
        if (about.Key.Namespace.Length > 0)
            json.WriteString("namespace", about.Key.Namespace);
        json.WriteString("name", about.Key.Name);
        if (about.Uid is { } uid)
            json.WriteString("uid", uid);
        if (about.ResourceVersion is { } version)
            json.WriteString("resourceVersion", version);
        json.WriteEndObject();
        json.WriteString("type", what.IsWarning ? "Warning" : "Normal");
        json.WriteString("reason", what.Reason);
        json.WriteString("message", what.Message);
        json.WriteNumber("count", 1);
        json.WriteString("firstTimestamp", time);
        json.WriteString("lastTimestamp", time);
        json.WriteStartObject("source");
        json.WriteString("component", component);
        if (host.Length > 0)
            json.WriteString("host", host);
        json.WriteEndObject();
        json.WriteString("reportingComponent", component);
        json.WriteString("reportingInstance", host);
        json.WriteEndObject();
    }

    private static ulong DigestOf(params ReadOnlySpan<string> texts)
    {
        var digest = StableHash.Fnv1a64([]);
        foreach (var text in texts)
            digest = StableHash.Fnv1a64(MemoryMarshal.AsBytes(text.AsSpan()), StableHash.Fnv1a64([0xFF], digest));
        return digest;
    }

    /// <summary>What was said last about an object: enough to know it again.</summary>
    private readonly record struct Said((string Kind, ObjectKey Key) Key, ulong Digest);
}
