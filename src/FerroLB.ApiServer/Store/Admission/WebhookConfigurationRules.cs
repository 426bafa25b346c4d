using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Cel;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.ApiServer.Store.Selection;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Admission;

/// <summary>Validating and mutating webhook configurations. Only the validating ones take effect; the others are kept.</summary>
internal sealed class WebhookConfigurationRules(AdmissionWebhooks webhooks, bool isMutating) : IKindRules
{
    private static readonly string[] Operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
        var list = value.Array("webhooks") ?? [];
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var path = $"webhooks[{i}]";
            CheckWebhook(list[i], path, errors);
            if (!names.Add(list[i].Text("name") ?? ""))
                errors.Add(FieldError.Duplicate(path + ".name", list[i].Text("name")));
        }
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after)
    {
        if (!isMutating)
            webhooks.Changed(before, after);
    }

    /// <summary>Adds what is wrong with a clientConfig, here or in a CustomResourceDefinition.</summary>
    public static void CheckClient(JsonObject? client, string path, List<FieldError> errors)
    {
        var (url, service) = (client.Text("url"), client.Object("service"));
        if (url is null == (service is null))
            errors.Add(FieldError.Required(path, "exactly one of url or service is required"));
        else if (url is not null)
            CheckUrl(url, path + ".url", errors);
        else
            CheckService(service!, path + ".service", errors);
    }

    private static void CheckWebhook(JsonNode? webhook, string path, List<FieldError> errors)
    {
        var name = webhook.Text("name") ?? "";
        if (name.Length == 0)
            errors.Add(FieldError.Required(path + ".name"));
        else if (name.Split('.').Length < 3)
            errors.Add(FieldError.Invalid(path + ".name", name, "should be a domain with at least three segments separated by dots"));
        else if (ObjectNames.SubdomainError(name) is { } nameError)
            errors.Add(FieldError.Invalid(path + ".name", name, nameError));
        CheckOneOf(webhook, "failurePolicy", ["Fail", "Ignore"], path, errors);
        CheckOneOf(webhook, "matchPolicy", ["Equivalent", "Exact"], path, errors);
        if (webhook.Text("sideEffects") is null)
            errors.Add(FieldError.Required(path + ".sideEffects", "must specify one of None, NoneOnDryRun"));
        CheckOneOf(webhook, "sideEffects", ["None", "NoneOnDryRun"], path, errors);
        if (webhook.Integer("timeoutSeconds") is { } timeout and (< 1 or > 30))
            errors.Add(FieldError.Invalid(path + ".timeoutSeconds", timeout, "the timeout value must be between 1 and 30 seconds"));
        CheckReviewVersions(webhook.Array("admissionReviewVersions"), path + ".admissionReviewVersions", errors);
        ObjectSelector.Check(webhook.Object("namespaceSelector"), path + ".namespaceSelector", errors);
        ObjectSelector.Check(webhook.Object("objectSelector"), path + ".objectSelector", errors);
        CheckClient(webhook.Object("clientConfig"), path + ".clientConfig", errors);
        CheckConditions(webhook.Array("matchConditions") ?? [], path + ".matchConditions", errors);
        var rules = webhook.Array("rules") ?? [];
        for (var i = 0; i < rules.Count; i++)
            CheckRule(rules[i], $"{path}.rules[{i}]", errors);
    }

    private static void CheckConditions(JsonArray conditions, string path, List<FieldError> errors)
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            var text = conditions[i].Text("expression") ?? "";
            if (string.IsNullOrEmpty(conditions[i].Text("name")))
                errors.Add(FieldError.Required($"{path}[{i}].name"));
            if (!CelParser.TryParse(text, out _, out var why))
                errors.Add(FieldError.Invalid($"{path}[{i}].expression", text, "compilation failed: ERROR: <input>: " + why));
        }
    }

    private static void CheckOneOf(JsonNode? webhook, string field, string[] allowed, string path, List<FieldError> errors)
    {
        if (webhook.Text(field) is { } given && Array.IndexOf(allowed, given) < 0)
            errors.Add(FieldError.NotSupported($"{path}.{field}", given, allowed));
    }

    private static void CheckReviewVersions(JsonArray? versions, string path, List<FieldError> errors)
    {
        var texts = versions.Texts();
        if (texts.Count == 0)
            errors.Add(FieldError.Required(path, "must specify one of v1, v1beta1"));
        else if (!texts.Contains("v1") && !texts.Contains("v1beta1"))
            errors.Add(FieldError.Invalid(path, versions, "must include at least one of v1, v1beta1"));
    }

    private static void CheckRule(JsonNode? rule, string path, List<FieldError> errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["operations", "apiGroups", "apiVersions", "resources"])
        {
            var values = rule.Array(field).Texts();
            if (values.Count == 0)
                errors.Add(FieldError.Required($"{path}.{field}"));
            else if (field != "resources" && values.Count > 1 && values.Contains("*"))
                errors.Add(FieldError.Invalid($"{path}.{field}", rule.Array(field), "if '*' is present, must not specify other values"));
        }
        var operations = rule.Array("operations").Texts();
        for (var i = 0; i < operations.Count; i++)
        {
            if (Array.IndexOf(Operations, operations[i]) < 0)
                errors.Add(FieldError.NotSupported($"{path}.operations[{i}]", operations[i], Operations));
        }
        CheckOneOf(rule, "scope", ["*", "Cluster", "Namespaced"], path, errors);
    }

    private static void CheckUrl(string url, string path, List<FieldError> errors)
    {
        const string Form = "; desired format: https://host[/path]";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed))
            errors.Add(FieldError.Required(path, "url must be a valid URL" + Form));
        else if (parsed.Scheme != "https")
            errors.Add(FieldError.Invalid(path, parsed.Scheme, "'https' is the only allowed URL scheme" + Form));
        else if (parsed.Host.Length == 0)
            errors.Add(FieldError.Invalid(path, parsed.Host, "host must be specified" + Form));
        else if (parsed.UserInfo.Length > 0)
            errors.Add(FieldError.Invalid(path, parsed.UserInfo, "user information is not permitted in the URL"));
        else if (parsed.Fragment.Length > 0)
            errors.Add(FieldError.Invalid(path, parsed.Fragment, "fragments are not permitted in the URL"));
        else if (parsed.Query.Length > 0)
            errors.Add(FieldError.Invalid(path, parsed.Query, "query parameters are not permitted in the URL"));
    }

    private static void CheckService(JsonObject service, string path, List<FieldError> errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace"])
        {
            if (string.IsNullOrEmpty(service.Text(field)))
                errors.Add(FieldError.Required($"{path}.{field}", $"service {field} is required"));
        }
        if (service.Text("path") is { Length: > 0 } urlPath && urlPath[0] != '/')
            errors.Add(FieldError.Invalid(path + ".path", urlPath, "must start with a '/'"));
        if (service.Integer("port") is { } port and (< 1 or > 65535))
            errors.Add(FieldError.Invalid(path + ".port", port, "port is not valid: must be between 1 and 65535, inclusive"));
    }
}
