using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Schemas;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>
/// CustomResourceDefinitions: names completed, schema checked, conditions set at once (there is nothing to wait for), and the resource
/// served or no longer served by the registry.
/// </summary>
internal sealed class CustomResourceDefinitionRules(Func<KindRegistry> registry, Func<DateTimeOffset> clock) : IKindRules
{
    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
        var spec = value.Ensure("spec");
        var names = spec.Ensure("names");
        var kind = names.Text("kind") ?? "";
        if (string.IsNullOrEmpty(names.Text("singular")))
            names["singular"] = kind.ToLowerInvariant();
        if (string.IsNullOrEmpty(names.Text("listKind")))
            names["listKind"] = kind + "List";
        if (spec["conversion"] is null)
            spec["conversion"] = new JsonObject { ["strategy"] = "None" };
        spec.Remove("preserveUnknownFields");
        SetStatus(value, spec, names);
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
        var spec = value.Object("spec") ?? [];
        var plural = spec.Text("names", "plural") ?? "";
        var group = spec.Text("group") ?? "";
        if (value.Text("metadata", "name") != $"{plural}.{group}")
            errors.Add(FieldError.Invalid("metadata.name", value.Text("metadata", "name") ?? "",
                "must be spec.names.plural+\".\"+spec.group"));
        if (group.Length == 0)
            errors.Add(FieldError.Required("spec.group"));
        else if (group.Split('.').Length < 2)
            errors.Add(FieldError.Invalid("spec.group", group, "should be a domain with at least one dot"));
        if (spec.Text("scope") is not ("Namespaced" or "Cluster"))
            errors.Add(FieldError.NotSupported("spec.scope", spec["scope"] ?? "", ["Cluster", "Namespaced"]));
        foreach (var name in (ReadOnlySpan<string>)["plural", "kind"])
        {
            if (string.IsNullOrEmpty(spec.Text("names", name)))
                errors.Add(FieldError.Required("spec.names." + name));
        }
        CheckVersions(spec.Array("versions") ?? [], errors);
        CheckConversion(spec.Object("conversion"), errors);
        if (old is null)
            return;
        foreach (var field in (ReadOnlySpan<string>)["group", "scope"])
        {
            if (old.Json.Text("spec", field) != spec.Text(field))
                errors.Add(FieldError.Invalid("spec." + field, spec[field], "field is immutable"));
        }
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after) => registry().DefinitionChanged(before?.Json, after?.Json);

    private static void CheckVersions(JsonArray versions, List<FieldError> errors)
    {
        var storages = 0;
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < versions.Count; i++)
        {
            var path = $"spec.versions[{i}]";
            storages += versions[i].Boolean("storage") == true ? 1 : 0;
            if (!names.Add(versions[i].Text("name") ?? ""))
                errors.Add(FieldError.Invalid("spec.versions", versions[i].Text("name") ?? "", "must contain unique version names"));
            if (versions[i].Object("schema", "openAPIV3Schema") is { } schema)
                StructuralSchemaRules.Check(schema, path + ".schema.openAPIV3Schema", errors);
            else
                errors.Add(FieldError.Required(path + ".schema.openAPIV3Schema", "schemas are required"));
        }
        if (storages != 1)
            errors.Add(FieldError.Invalid("spec.versions", JsonTree.ToArray(names),
                "must have exactly one version marked as storage version"));
    }

    private static void CheckConversion(JsonObject? conversion, List<FieldError> errors)
    {
        const string Path = "spec.conversion";
        var webhook = conversion.Object("webhook");
        switch (conversion.Text("strategy"))
        {
            case "None" when webhook is not null:
                errors.Add(FieldError.Forbidden(Path + ".webhook", "should not be set when strategy is not set to Webhook"));
                break;
            case "Webhook" when webhook is null:
                errors.Add(FieldError.Required(Path + ".webhook.clientConfig", "required when strategy is set to Webhook"));
                break;
            case "Webhook":
                Admission.WebhookConfigurationRules.CheckClient(webhook.Object("clientConfig"), Path + ".webhook.clientConfig", errors);
                var versions = webhook.Array("conversionReviewVersions");
                if (versions.Texts().Count == 0)
                    errors.Add(FieldError.Required(Path + ".webhook.conversionReviewVersions"));
                else if (!versions.Texts().Exists(version => version is "v1" or "v1beta1"))
                    errors.Add(FieldError.Invalid(Path + ".webhook.conversionReviewVersions", versions,
                        "must include at least one of v1, v1beta1"));
                break;
            case "None":
                break;
            default:
                errors.Add(FieldError.NotSupported(Path + ".strategy", conversion.Text("strategy"), ["None", "Webhook"]));
                break;
        }
    }

    private void SetStatus(JsonObject value, JsonObject spec, JsonObject names)
    {
        var status = value.Ensure("status");
        status["acceptedNames"] = names.DeepClone();
        var stored = status.Array("storedVersions").Texts();
        foreach (var version in spec.Array("versions") ?? [])
        {
            if (version.Boolean("storage") == true && version.Text("name") is { } name && !stored.Contains(name))
                stored.Add(name);
        }
        status["storedVersions"] = JsonTree.ToArray(stored);
        var conditions = status.Array("conditions") ?? [];
        status["conditions"] = conditions;
        SetCondition(conditions, "NamesAccepted", "NoConflicts", "no conflicts found");
        SetCondition(conditions, "Established", "InitialNamesAccepted", "the initial names have been accepted");
    }

    private void SetCondition(JsonArray conditions, string type, string reason, string message)
    {
        foreach (var condition in conditions)
        {
            if (condition.Text("type") == type)
                return;
        }
        conditions.Add((JsonNode)new JsonObject
        {
            ["lastTransitionTime"] = Patches.ManagedFields.Rfc3339(clock()),
            ["message"] = message,
            ["reason"] = reason,
            ["status"] = "True",
            ["type"] = type,
        });
    }
}
