using System;
using System.Collections.Generic;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Admission;

/// <summary>
/// All validating webhooks that are configured, by the name of their configuration; each configuration's own order is kept.
/// </summary>
internal sealed class AdmissionWebhooks
{
    private readonly SortedDictionary<string, List<AdmissionWebhook>> _configurations = new(StringComparer.Ordinal);

    /// <summary>Whether there is none, the usual case.</summary>
    public bool IsEmpty => _configurations.Count == 0;

    /// <summary>The webhooks, in the order in which their answers count.</summary>
    public IEnumerable<AdmissionWebhook> All
    {
        get
        {
            foreach (var webhooks in _configurations.Values)
            {
                foreach (var webhook in webhooks)
                    yield return webhook;
            }
        }
    }

    /// <summary>Follows a change of a configuration.</summary>
    public void Changed(StoredObject? before, StoredObject? after)
    {
        _configurations.Remove((after ?? before)!.Name);
        var webhooks = new List<AdmissionWebhook>();
        foreach (var webhook in after?.Json.Array("webhooks") ?? [])
            webhooks.Add(new AdmissionWebhook(after!.Name, webhook));
        if (webhooks.Count > 0)
            _configurations[after!.Name] = webhooks;
    }
}
