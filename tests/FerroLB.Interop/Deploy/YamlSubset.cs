using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace FerroLB.Interop.Deploy;

/// <summary>Compares what a manifest says with what the API server keeps.</summary>
internal static class YamlSubset
{
    /// <summary>The fields that the manifest has and the object has not, or has with another value, as `path: wanted, got`.</summary>
    public static IEnumerable<string> Differences(YamlNode wanted, JsonElement got, string path = "") => (wanted, got.ValueKind) switch
    {
        (YamlMappingNode map, JsonValueKind.Object) => map.Children.SelectMany(entry => Field(entry.Key, entry.Value, got, path)),
        (YamlSequenceNode list, JsonValueKind.Array) when list.Children.Count == got.GetArrayLength() =>
            list.Children.SelectMany((item, index) => Differences(item, got[index], $"{path}[{index}]")),
        (YamlScalarNode scalar, JsonValueKind.String) when scalar.Value == got.GetString() => [],
        (YamlScalarNode scalar, JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            when scalar.Value == got.GetRawText() => [],
        _ => [$"{path}: {wanted}, got {got.GetRawText()}"],
    };

    private static IEnumerable<string> Field(YamlNode key, YamlNode wanted, JsonElement got, string path)
    {
        var name = ((YamlScalarNode)key).Value!;
        return got.TryGetProperty(name, out var value)
            ? Differences(wanted, value, $"{path}.{name}")
            : [$"{path}.{name}: {wanted}, got nothing"];
    }
}
