using System.Collections.Generic;
using System.Text.Json;

namespace FerroLB.Lab.Checkers;

/// <summary>A Node as the checkers see it.</summary>
public sealed class NodeView
{
    internal NodeView(JsonElement node)
    {
        Name = node.Field("metadata").Field("name").Text() ?? "";
        Labels = node.Field("metadata").Field("labels").Map();
        IsReady = true;
        foreach (var condition in node.Field("status").Field("conditions").Items())
        {
            var isTrue = condition.Field("status").Text() == "True";
            switch (condition.Field("type").Text())
            {
                case "Ready":
                    IsReady = isTrue;
                    break;
                case "NetworkUnavailable":
                    IsNetworkUnavailable = isTrue;
                    break;
            }
        }
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>Whether its speaker lives, as far as the API server knows.</summary>
    public bool IsReady { get; }

    /// <summary>Whether its network is not set up.</summary>
    public bool IsNetworkUnavailable { get; }

    /// <summary>Whether it may announce if its speaker lives.</summary>
    public bool MayAnnounce =>
        !IsNetworkUnavailable && !Labels.ContainsKey("node.kubernetes.io/exclude-from-external-load-balancers");
}
