using System.Collections.Generic;
using System.Text.Json;

namespace FerroLB.Lab.Checkers;

/// <summary>A Namespace as the checkers see it.</summary>
public sealed class NamespaceView
{
    internal NamespaceView(JsonElement ns)
    {
        Name = ns.Field("metadata").Field("name").Text() ?? "";
        Labels = ns.Field("metadata").Field("labels").Map();
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }
}
