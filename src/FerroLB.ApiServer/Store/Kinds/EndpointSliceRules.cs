using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

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
