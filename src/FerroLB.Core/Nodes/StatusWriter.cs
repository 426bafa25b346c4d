using System;
using System.Collections.Generic;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>How a status write ended, for the one who wished it.</summary>
/// <param name="Key">The object.</param>
/// <param name="Result">How it ended; <see cref="WriteResult.Conflicted"/> is told after the fresh object has been read.</param>
/// <param name="Response">The answer, when there was one.</param>
internal readonly record struct StatusWritten(ObjectKey Key, WriteResult Result, KubeResponse? Response);

/// <summary>
/// Writes the status of objects of one kind: one write at a time per object, computed from the pictured version. The answer's object goes
/// back into the picture. After a conflict the object is read anew, so that the next attempt does not depend on how far behind the watch
/// is.
/// </summary>
internal sealed class StatusWriter<T>(
    KubeKind<T> kind, ReflectorMachine<T> reflector, WriteQueue writes, StringTable strings, string fieldManager)
    where T : KubeObject
{
    private readonly SortedDictionary<string, Pending> _pending = new(StringComparer.Ordinal);

    /// <summary>Whether the object's status is being written, or read anew after a conflict.</summary>
    public bool IsBusy(ObjectKey key) => _pending.ContainsKey(Target(key));

    /// <summary>Sends a merge patch on the status that was computed from the object as seen.</summary>
    public void Patch(T seen, ReadOnlyMemory<byte> body, Instant now) => Submit(seen.Key, seen.Metadata.ResourceVersion, false, now, new()
    {
        Id = 0,
        Verb = KubeVerb.Patch,
        Resource = kind.Resource,
        Namespace = seen.Metadata.Namespace,
        Name = seen.Metadata.Name,
        Subresource = "status",
        PatchKind = KubePatchKind.Merge,
        FieldManager = fieldManager,
        Body = body,
    });

    /// <summary>
    /// Takes the end of a write, if it is one of this writer's; null otherwise, and while a conflicting object is being read.
    /// </summary>
    public StatusWritten? Complete(WriteOutput.Complete complete, Instant now)
    {
        if (!_pending.Remove(complete.Target, out var pending))
            return null;
        var response = complete.Response;
        if (complete.Result == WriteResult.Conflicted && !pending.IsRead)
        {
            Submit(pending.Key, reflector.Find(pending.Key)?.Metadata.ResourceVersion, true, now, new KubeRequest
            {
                Id = 0,
                Verb = KubeVerb.Get,
                Resource = kind.Resource,
                Namespace = pending.Key.Namespace,
                Name = pending.Key.Name,
            });
            return null;
        }
        if (complete.Result == WriteResult.Written && response is not null &&
            kind.ReadObject(response.Body, strings, out _) is { } fresh && fresh.Key == pending.Key)
            reflector.Absorb(fresh, pending.BasedOn);
        var result = pending.IsRead && complete.Result == WriteResult.Written ? WriteResult.Conflicted : complete.Result;
        return new StatusWritten(pending.Key, result, response);
    }

    private void Submit(ObjectKey key, string? basedOn, bool isRead, Instant now, KubeRequest request)
    {
        var target = Target(key);
        _pending[target] = new Pending(key, basedOn, isRead);
        writes.Handle(new WriteInput.Submitted(target, request), now);
    }

    private string Target(ObjectKey key) => $"{kind.Resource.Plural}/{key}/status";

    private readonly record struct Pending(ObjectKey Key, string? BasedOn, bool IsRead);
}
