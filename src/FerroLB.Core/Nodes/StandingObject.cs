using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Keeps one object of this process: that it exists (it is made again when somebody deletes it), that its labels and its owner are right,
/// and that its status says what it should. One write at a time; nothing is written when nothing differs.
/// </summary>
internal sealed class StandingObject<T>
    where T : OwnedObject
{
    private readonly KubeKind<T> _kind;
    private readonly ReflectorMachine<T> _picture;
    private readonly StatusWriter<T> _status;
    private readonly WriteQueue _writes;
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly ObjectKey _key;
    private readonly string _fieldManager;
    private readonly IReadOnlyDictionary<string, string> _labels;
    private readonly OwnPod _pod;

    /// <summary>Looks after an object.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="self">Its name, and the labels that it must have; others may be there.</param>
    /// <param name="picture">Pictures the object, and perhaps others of its kind.</param>
    /// <param name="pod">The Pod that the process runs in, whose end is the object's.</param>
    /// <param name="writes">Sends the writes.</param>
    /// <param name="strings">The node's strings.</param>
    /// <param name="fieldManager">The name under which fields are owned.</param>
    public StandingObject(
        KubeKind<T> kind,
        (ObjectKey Key, IReadOnlyDictionary<string, string> Labels) self,
        ReflectorMachine<T> picture,
        OwnPod pod,
        WriteQueue writes,
        StringTable strings,
        string fieldManager)
    {
        (_kind, _picture, _pod, _writes, _fieldManager) = (kind, picture, pod, writes, fieldManager);
        (_key, _labels) = self;
        _status = new StatusWriter<T>(kind, picture, writes, strings, fieldManager);
        _dirty.Mark(_key);
    }

    /// <summary>When a write that failed is tried again.</summary>
    public Instant? NextDeadline => _picture.IsSynced ? _dirty.NextDeadline : null;

    private string Target => $"{_kind.Resource.Plural}/{_key}/object";

    /// <summary>The object's picture changed, or what is to be said.</summary>
    public void Mark() => _dirty.Mark(_key);

    /// <summary>
    /// Makes the next write that is missing. Asks for the merge patch that the status of the object as it is seen needs, when all the rest
    /// is right; null for none.
    /// </summary>
    public void Flush(Func<T, ReadOnlyMemory<byte>?> patchOf, Instant now)
    {
        if (!_picture.IsSynced)
            return;
        _dirty.Advance(now);
        // The end of a write under way marks the object again.
        if (_writes.IsBusy(Target) || _status.IsBusy(_key) || !_dirty.TryTake(out _))
            return;
        if (_picture.Find(_key) is not { } seen)
            Submit(KubeVerb.Create, null, KubePatch.NewObject(_kind.Resource, _key, _labels, _pod.Reference), now);
        else if (!HasLabels(seen) || (_pod.Reference?.Uid is { } uid && !seen.OwnerUids.Contains(uid, StringComparer.Ordinal)))
            Submit(KubeVerb.Patch, _key.Name, KubePatch.Metadata(seen.Metadata, _labels, _pod.Reference), now);
        else if (patchOf(seen) is { } patch)
            _status.Patch(seen, patch, now);
    }

    /// <summary>Takes the end of a write, if it is this object's.</summary>
    public StatusWritten? Complete(WriteOutput.Complete complete, Instant now)
    {
        var written = complete.Target == Target
            ? new StatusWritten(_key, complete.Result, complete.Response)
            : _status.Complete(complete, now);
        if (written is not { } end)
            return null;
        if (end.Result is WriteResult.Written)
        {
            _dirty.Forget(_key);
            // A new object is looked at when the watch brings it, so that it is not made twice.
            if (_picture.Find(_key) is not null)
                _dirty.Mark(_key);
        }
        else
            _dirty.Retry(_key, now);
        return end;
    }

    private bool HasLabels(T seen) => _labels.All(label =>
        seen.Metadata.Labels is { } labels && labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private void Submit(KubeVerb verb, string? name, ReadOnlyMemory<byte> body, Instant now) =>
        _writes.Handle(new WriteInput.Submitted(Target, new KubeRequest
        {
            Id = 0,
            Verb = verb,
            Resource = _kind.Resource,
            Namespace = _key.Namespace,
            Name = name,
            PatchKind = KubePatchKind.Merge,
            FieldManager = _fieldManager,
            Body = body,
        }), now);
}
