using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;

namespace FerroLB.ApiServer.Store.Selection;

/// <summary>The forms of names, label keys and label values, and what Kubernetes says of wrong ones.</summary>
internal static class ObjectNames
{
    private const string LabelForm = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static string? Error(string name, NameRule rule) => rule switch
    {
        NameRule.Label => LabelError(name),
        NameRule.Label1035 => Label1035Error(name),
        NameRule.PathSegment => PathSegmentError(name),
        _ => SubdomainError(name),
    };

    /// <summary>What is wrong with a subdomain name (RFC 1123); null when nothing is.</summary>
    public static string? SubdomainError(string name)
    {
        if (name.Length > 253)
            return "must be no more than 253 characters";
        foreach (var part in name.Split('.'))
        {
            if (!IsLabel(part))
                return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
                    "and end with " +
                    $"an alphanumeric character (e.g. 'example.com', regex used for validation is '{LabelForm}(\\.{LabelForm})*')";
        }
        return null;
    }

    /// <summary>What is wrong with a label name (RFC 1123); null when nothing is.</summary>
    public static string? LabelError(string name)
    {
        if (name.Length > 63)
            return "must be no more than 63 characters";
        return IsLabel(name)
            ? null
            : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " +
            $"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LabelForm}')";
    }

    /// <summary>What is wrong with the key of a label or annotation; null when nothing is.</summary>
    public static string? LabelKeyError(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash == 0)
            return "prefix part must be non-empty";
        if (slash > 0 && SubdomainError(key[..slash]) is { } prefixError)
            return "prefix part " + prefixError;
        var name = key[(slash + 1)..];
        if (name.Length == 0)
            return "name part must be non-empty";
        if (name.Length > 63)
            return "name part must be no more than 63 characters";
        return IsQualified(name)
            ? null
            : "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
            "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    }

    /// <summary>What is wrong with the value of a label; null when nothing is.</summary>
    public static string? LabelValueError(string value)
    {
        if (value.Length > 63)
            return "must be no more than 63 characters";
        return value.Length == 0 || IsQualified(value)
            ? null
            : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
                "with an " +
            "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
            "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    }

    /// <summary>Adds what is wrong with metadata: name, labels, annotations, finalizers, owners.</summary>
    public static void Check(JsonObject? metadata, NameRule rule, List<FieldError> errors)
    {
        var name = metadata.Text("name") ?? "";
        if (name.Length == 0)
            errors.Add(FieldError.Required("metadata.name", "name or generateName is required"));
        else if (Error(name, rule) is { } error)
            errors.Add(FieldError.Invalid("metadata.name", name, error));
        foreach (var (key, value) in metadata.Object("labels") ?? [])
        {
            if (LabelKeyError(key) is { } keyError)
                errors.Add(FieldError.Invalid("metadata.labels", key, keyError));
            if (LabelValueError(value.AsText() ?? "") is { } valueError)
                errors.Add(FieldError.Invalid("metadata.labels", value, valueError));
        }
        foreach (var (key, _) in metadata.Object("annotations") ?? [])
        {
            if (LabelKeyError(key.ToLowerInvariant()) is { } keyError)
                errors.Add(FieldError.Invalid("metadata.annotations", key, keyError));
        }
        foreach (var finalizer in metadata.Array("finalizers").Texts())
        {
            if (LabelKeyError(finalizer) is { } finalizerError)
                errors.Add(FieldError.Invalid("metadata.finalizers", finalizer, finalizerError));
        }
        CheckOwners(metadata.Array("ownerReferences") ?? [], errors);
    }

    private static void CheckOwners(JsonArray owners, List<FieldError> errors)
    {
        for (var i = 0; i < owners.Count; i++)
        {
            foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owners[i].Text(field)))
                    errors.Add(FieldError.Invalid($"metadata.ownerReferences[{i}].{field}", "", $"{field} must not be empty"));
            }
        }
    }

    private static string? Label1035Error(string name)
    {
        if (name.Length > 63)
            return "must be no more than 63 characters";
        return IsLabel(name) && !char.IsAsciiDigit(name[0])
            ? null
            : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and " +
                "end with " +
            "an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    }

    private static string? PathSegmentError(string name) =>
        name is "." or ".." ? $"may not be '{name}'" : name.AsSpan().IndexOfAny('/', '%') >= 0 ? "may not contain '/'" : null;

    private static bool IsLabel(string text)
    {
        if (text.Length == 0 || text[0] == '-' || text[^1] == '-')
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
                return false;
        }
        return true;
    }

    private static bool IsQualified(string text)
    {
        if (!char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1]))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        }
        return true;
    }
}
