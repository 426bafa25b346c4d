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
        var labels = metadata.Field("labels").Map();
        Service = new(metadata.Field("namespace").Text() ?? "", labels.GetValueOrDefault("kubernetes.io/service-name") ?? "");
        ServingNodes = [.. slice.Field("endpoints").Items()
            .Where(endpoint => IsServing(endpoint.Field("conditions")))
            .Select(endpoint => endpoint.Field("nodeName").Text() ?? "")];
    }

    /// <summary>The Service that it belongs to.</summary>
    public ObjectKey Service { get; }

    /// <summary>The nodes of endpoints that can serve; "" for an endpoint without node.</summary>
    public IReadOnlyList<string> ServingNodes { get; }

    private static bool IsServing(JsonElement? conditions) =>
        (conditions.Field("ready").Flag() ?? true) || conditions.Field("serving").Flag() == true;
}
