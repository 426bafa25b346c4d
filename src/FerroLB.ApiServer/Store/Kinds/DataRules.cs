using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>Secrets and ConfigMaps: stringData, base64, key names, and immutability.</summary>
internal sealed class DataRules : IKindRules
{
    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
        if (value.Object("stringData") is not { } texts)
            return;
        var data = value.Ensure("data");
        foreach (var (key, text) in texts)
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.AsText() ?? ""));
        value.Remove("stringData");
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["data", "binaryData"])
        {
            foreach (var (key, _) in value.Object(field) ?? [])
            {
                if (!IsKey(key))
                    errors.Add(FieldError.Invalid($"{field}[{key}]", key,
                        "a valid config key must consist of alphanumeric characters, '-', '_' or " +
                        "'.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
            }
        }
        if (old is null)
            return;
        if (value.Text("kind") == "Secret" && value.Text("type") != old.Json.Text("type"))
            errors.Add(FieldError.Invalid("type", value["type"], "field is immutable"));
        if (old.Json.Boolean("immutable") != true)
            return;
        if (value.Boolean("immutable") != true)
            errors.Add(FieldError.Forbidden("immutable", "field is immutable when `immutable` is set"));
        if (!JsonTree.Same(value["data"], old.Json["data"]))
            errors.Add(FieldError.Forbidden("data", "field is immutable when `immutable` is set"));
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after)
    {
    }

    private static bool IsKey(string key)
    {
        foreach (var c in key)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        }
        return key.Length is > 0 and <= 253 && key is not ("." or "..");
    }
}
