using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Calls;

/// <summary>
/// Stored objects that a webhook shall convert to one version, all with one call. The results stay with the objects, so each version of an
/// object is converted once.
/// </summary>
internal sealed class ConversionBatch
{
    private readonly ResourceKind _kind;
    private readonly string _version;
    private readonly List<StoredObject> _objects;

    /// <summary>Makes the call for objects of a kind that has a conversion webhook.</summary>
    public ConversionBatch(ResourceKind kind, string version, List<StoredObject> objects, string callId)
    {
        (_kind, _version, _objects) = (kind, version, objects);
        var trees = new List<JsonObject>();
        foreach (var stored in objects)
            trees.Add(stored.Json);
        Call = ConversionReviews.Call(kind, version, trees, callId);
    }

    /// <summary>The call.</summary>
    public ExternalCall Call { get; }

    /// <summary>The version that is wanted, with its group.</summary>
    public string ApiVersion => _kind.ApiVersion(_version);

    /// <summary>Why it failed; "" as long as it has not.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Whether an object is among those to convert.</summary>
    public bool Contains(StoredObject stored) => _objects.Contains(stored);

    /// <summary>Takes the answer; false when it is none, and then <see cref="Error"/> says why.</summary>
    public bool Accept(ExternalAnswer answer)
    {
        var sources = new List<JsonObject>();
        foreach (var stored in _objects)
            sources.Add(stored.Json);
        if (ConversionReviews.Read(_kind, _version, sources, answer, out var error) is not { } converted)
        {
            Error = error;
            return false;
        }
        for (var i = 0; i < converted.Count; i++)
            _objects[i].Remember(_kind, _version, converted[i]);
        return true;
    }
}
