using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>
/// Events: an event stands in the namespace of its object, or in "default" when that has none. Through events.k8s.io all that tells who
/// reports must be there as well; through core v1, which older reporters use, it need not.
/// </summary>
internal sealed class EventRules : IKindRules
{
    private const int MostNoteBytes = 1024;
    private const int MostShortBytes = 128;

    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
        var isModern = value.Text("apiVersion") == "events.k8s.io/v1";
        var about = isModern ? "regarding" : "involvedObject";
        var (space, aboutSpace) = (value.Text("metadata", "namespace") ?? "", value.Text(about, "namespace") ?? "");
        if (aboutSpace.Length > 0 ? aboutSpace != space : space is not ("default" or "kube-system"))
            errors.Add(FieldError.Invalid($"{about}.namespace", aboutSpace, "does not match event.namespace"));
        if (!isModern || old is not null)
            return;
        if (value.Text("eventTime") is null)
            errors.Add(FieldError.Required("eventTime"));
        foreach (var field in (ReadOnlySpan<string>)["reportingController", "reportingInstance", "action", "reason"])
        {
            var text = value.Text(field) ?? "";
            if (text.Length == 0)
                errors.Add(FieldError.Required(field));
            else if (field != "reportingController" && Encoding.UTF8.GetByteCount(text) > MostShortBytes)
                errors.Add(FieldError.Invalid(field, "", $"can have at most {MostShortBytes} characters"));
        }
        if (Encoding.UTF8.GetByteCount(value.Text("note") ?? "") > MostNoteBytes)
            errors.Add(FieldError.Invalid("note", "", $"can have at most {MostNoteBytes} characters"));
        if (value.Text("type") is not ("Normal" or "Warning"))
            errors.Add(FieldError.Invalid("type", value.Text("type") ?? "", "has invalid value: " + value.Text("type")));
        foreach (var field in (ReadOnlySpan<string>)["deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount"])
        {
            if (value[field] is { } given)
                errors.Add(FieldError.Invalid(field, given, "needs to be unset"));
        }
        CheckSeries(value.Object("series"), errors);
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after)
    {
    }

    private static void CheckSeries(JsonObject? series, List<FieldError> errors)
    {
        if (series is null)
            return;
        if ((series.Integer("count") ?? 0) < 2)
            errors.Add(FieldError.Invalid("series.count", series.Integer("count") ?? 0, "should be at least 2"));
        if (series.Text("lastObservedTime") is null)
            errors.Add(FieldError.Required("series.lastObservedTime"));
    }
}
