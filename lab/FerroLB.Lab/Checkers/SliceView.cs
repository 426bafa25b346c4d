using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FerroLB.Core;

namespace FerroLB.Lab.Checkers;

/// <summary>An EndpointSlice as the checkers see it.</summary>
public sealed class SliceView
{
    internal SliceView(JsonElement slice)
    {
        var metadata = slice.Field("metadata");
        Service = new(metadata.Field("namespace").Text() ?? "", metadata.Field("labels").Map().GetValueOrDefault("kubernetes.io/service-name") ?? "");
        ServingNodes = [.. slice.Field("endpoints").Items()
            .Where(endpoint => (endpoint.Field("conditions").Field("ready").Flag() ?? true) || endpoint.Field("conditions").Field("serving").Flag() == true)
            .Select(endpoint => endpoint.Field("nodeName").Text() ?? "")];
    }

    /// <summary>The Service that it belongs to.</summary>
    public ObjectKey Service { get; }

    /// <summary>The nodes of endpoints that can serve; "" for an endpoint without node.</summary>
    public IReadOnlyList<string> ServingNodes { get; }
}
