using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Keeps the ConfigurationState of one component (<see cref="StandingObject{T}"/>): its status says what of the configuration was
/// rejected. The conditions of others stay.
/// </summary>
internal sealed class ConfigurationStateWriter
{
    /// <summary>The label that names the component.</summary>
    public const string ComponentLabel = "metallb.io/component-type";

    private readonly StandingObject<ConfigurationState> _object;
    private readonly string _condition;

    /// <summary>Looks after the object of a component.</summary>
    /// <param name="key">The object.</param>
    /// <param name="labels">The labels that it must have; others may be there.</param>
    /// <param name="condition">The type of the condition that is written.</param>
    /// <param name="states">Pictures the object, and perhaps others of its kind.</param>
    /// <param name="pod">The Pod that the component runs in, whose end is the object's.</param>
    /// <param name="writes">Sends the writes.</param>
    /// <param name="strings">The node's strings.</param>
    /// <param name="fieldManager">The name under which fields are owned.</param>
    public ConfigurationStateWriter(
        ObjectKey key, IReadOnlyDictionary<string, string> labels, string condition, ReflectorMachine<ConfigurationState> states,
        OwnPod pod, WriteQueue writes, StringTable strings, string fieldManager)
    {
        _condition = condition;
        _object = new(KubeKinds.ConfigurationStates, (key, labels), states, pod, writes, strings, fieldManager);
    }

    /// <summary>When a write that failed is tried again.</summary>
    public Instant? NextDeadline => _object.NextDeadline;

    /// <summary>The object's picture changed, or what is to be said.</summary>
    public void Mark() => _object.Mark();

    /// <summary>
    /// Writes what differs. Without a verdict nothing is said about the configuration: the object is merely made to exist.
    /// </summary>
    public void Flush(Statement? verdict, DateTimeOffset utc, Instant now) => _object.Flush(state => StatusPatch(state, verdict, utc), now);

    /// <summary>Takes the end of a write, if it is this object's.</summary>
    public StatusWritten? Complete(WriteOutput.Complete complete, Instant now) => _object.Complete(complete, now);

    /// <summary>What is said about a configuration.</summary>
    public static Statement Verdict(IReadOnlyList<ConfigRejection> rejections) => rejections.Count == 0
        ? new Statement(true, "Reconciled", "")
        : new Statement(false, "ConfigurationError", "configuration error: " + RejectionSummary.Of(rejections));

    private ReadOnlyMemory<byte>? StatusPatch(ConfigurationState state, Statement? verdict, DateTimeOffset utc)
    {
        var conditions = verdict is null ? state.Conditions : Statement.Put(state.Conditions, _condition, verdict, utc);
        var errors = conditions.Where(condition => condition is { Status: "False", Reason: "ConfigurationError" }).ToList();
        var result = conditions.Count == 0 ? "Unknown" : errors.Count > 0 ? "Invalid" : "Valid";
        var summary = string.Join('\n', errors.Select(condition => condition.Message));
        if (state.Result == result && (state.ErrorSummary ?? "") == summary && ReferenceEquals(conditions, state.Conditions))
            return null;
        return KubePatch.ConfigurationState(state.Metadata, result, summary, conditions);
    }
}
