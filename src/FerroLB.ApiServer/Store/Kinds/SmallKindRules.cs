using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>Namespaces: the finalizer and the name label that every namespace has.</summary>
internal sealed class NamespaceRules : IKindRules
{
    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
        var metadata = value.Ensure("metadata");
        metadata.Ensure("labels")["kubernetes.io/metadata.name"] = metadata.Text("name");
        if (old is null)
            value.Ensure("spec")["finalizers"] = JsonTree.ToArray(["kubernetes"]);
        value.Ensure("status").TryAdd("phase", "Active");
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after)
    {
    }
}

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

/// <summary>EndpointSlices: the address type never changes, and the addresses have it.</summary>
internal sealed class EndpointSliceRules : IKindRules
{
    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
        foreach (var port in value.Array("ports") ?? [])
        {
            if (port is not JsonObject map)
                continue;
            map.TryAdd("name", "");
            map.TryAdd("protocol", "TCP");
        }
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors)
    {
        var type = value.Text("addressType");
        if (type is not ("IPv4" or "IPv6" or "FQDN"))
            errors.Add(FieldError.NotSupported("addressType", type ?? "", ["FQDN", "IPv4", "IPv6"]));
        if (old is not null && old.Json.Text("addressType") != type)
            errors.Add(FieldError.Invalid("addressType", type, "field is immutable"));
        var endpoints = value.Array("endpoints") ?? [];
        for (var i = 0; i < endpoints.Count; i++)
        {
            var addresses = endpoints[i].Array("addresses").Texts();
            if (addresses.Count == 0)
                errors.Add(FieldError.Required($"endpoints[{i}].addresses", "must contain at least 1 address"));
            for (var j = 0; j < addresses.Count; j++)
            {
                if (type is "IPv4" or "IPv6" && ServiceFamilies.FamilyOf(addresses[j]) != type)
                    errors.Add(FieldError.Invalid($"endpoints[{i}].addresses[{j}]", addresses[j], $"must be an {type} address"));
            }
        }
    }

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after)
    {
    }
}
