using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Keeps the ConfigurationState of one component: that the object exists (it is made again when somebody deletes it), that its labels and
/// its owner are right, and that its status says what of the configuration was rejected. One write at a time; nothing is written when
/// nothing differs, and the conditions of others stay.
/// </summary>
internal sealed class ConfigurationStateWriter
{
    /// <summary>The label that names the component.</summary>
    public const string ComponentLabel = "metallb.io/component-type";

    private readonly ReflectorMachine<ConfigurationState> _states;
    private readonly StatusWriter<ConfigurationState> _status;
    private readonly WriteQueue _writes;
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly ObjectKey _key;
    private readonly string _condition;
    private readonly string _fieldManager;
    private readonly IReadOnlyDictionary<string, string> _labels;

    /// <summary>Looks after the object of a component.</summary>
    /// <param name="key">The object.</param>
    /// <param name="labels">The labels that it must have; others may be there.</param>
    /// <param name="condition">The type of the condition that is written.</param>
    /// <param name="states">Pictures the object, and perhaps others of its kind.</param>
    /// <param name="writes">Sends the writes.</param>
    /// <param name="strings">The node's strings.</param>
    /// <param name="fieldManager">The name under which fields are owned.</param>
    public ConfigurationStateWriter(
        ObjectKey key, IReadOnlyDictionary<string, string> labels, string condition, ReflectorMachine<ConfigurationState> states,
        WriteQueue writes, StringTable strings, string fieldManager)
    {
        (_key, _labels, _condition, _states, _writes, _fieldManager) = (key, labels, condition, states, writes, fieldManager);
        _status = new StatusWriter<ConfigurationState>(KubeKinds.ConfigurationStates, states, writes, strings, fieldManager);
        _dirty.Mark(key);
    }

    /// <summary>The Pod that the component runs in, whose end is the object's; null when it is not known.</summary>
    public ObjectReference? Owner { get; set; }

    /// <summary>When a write that failed is tried again.</summary>
    public Instant? NextDeadline => _states.IsSynced ? _dirty.NextDeadline : null;

    private string Target => $"configurationstates/{_key}/object";

    /// <summary>The object's picture changed, or what is to be said.</summary>
    public void Mark() => _dirty.Mark(_key);

    /// <summary>
    /// Writes what differs. Without a verdict nothing is said about the configuration: the object is merely made to exist.
    /// </summary>
    public void Flush(Statement? verdict, DateTimeOffset utc, Instant now)
    {
        if (!_states.IsSynced)
            return;
        _dirty.Advance(now);
        // The end of a write under way marks the object again.
        if (_writes.IsBusy(Target) || _status.IsBusy(_key) || !_dirty.TryTake(out _))
            return;
        if (_states.Find(_key) is not { } state)
            Submit(KubeVerb.Create, null, KubePatch.NewObject(KubeResource.ConfigurationStates, _key, _labels, Owner), now);
        else if (!HasLabels(state) || (Owner?.Uid is { } uid && !state.OwnerUids.Contains(uid, StringComparer.Ordinal)))
            Submit(KubeVerb.Patch, _key.Name, KubePatch.Metadata(state.Metadata, _labels, Owner), now);
        else
            FlushStatus(state, verdict, utc, now);
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
            if (_states.Find(_key) is not null)
                _dirty.Mark(_key);
        }
        else
            _dirty.Retry(_key, now);
        return end;
    }

    /// <summary>What is said about a configuration.</summary>
    public static Statement Verdict(IReadOnlyList<ConfigRejection> rejections) => rejections.Count == 0
        ? new Statement(true, "Reconciled", "")
        : new Statement(false, "ConfigurationError", "configuration error: " + RejectionSummary.Of(rejections));

    private bool HasLabels(ConfigurationState state) => _labels.All(label =>
        state.Metadata.Labels is { } labels && labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private void FlushStatus(ConfigurationState state, Statement? verdict, DateTimeOffset utc, Instant now)
    {
        var conditions = verdict is null ? state.Conditions : Statement.Put(state.Conditions, _condition, verdict, utc);
        var errors = conditions.Where(condition => condition is { Status: "False", Reason: "ConfigurationError" }).ToList();
        var result = conditions.Count == 0 ? "Unknown" : errors.Count > 0 ? "Invalid" : "Valid";
        var summary = string.Join('\n', errors.Select(condition => condition.Message));
        if (state.Result == result && (state.ErrorSummary ?? "") == summary && ReferenceEquals(conditions, state.Conditions))
            return;
        _status.Patch(state, KubePatch.ConfigurationState(state.Metadata, result, summary, conditions), now);
    }

    private void Submit(KubeVerb verb, string? name, ReadOnlyMemory<byte> body, Instant now) =>
        _writes.Handle(new WriteInput.Submitted(Target, new KubeRequest
        {
            Id = 0,
            Verb = verb,
            Resource = KubeResource.ConfigurationStates,
            Namespace = _key.Namespace,
            Name = name,
            PatchKind = KubePatchKind.Merge,
            FieldManager = _fieldManager,
            Body = body,
        }), now);
}
