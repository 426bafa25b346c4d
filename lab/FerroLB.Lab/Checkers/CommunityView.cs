using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.Lab.Checkers;

/// <summary>A Community object as the checkers see it: names for communities.</summary>
public sealed class CommunityView
{
    internal CommunityView(JsonElement community) => Aliases =
    [
        .. community.Field("spec").Field("communities").Items()
            .Select(item => (item.Field("name").Text() ?? "", item.Field("value").Text() ?? "")),
    ];

    /// <summary>Names and what they stand for.</summary>
    public IReadOnlyList<(string Name, string Value)> Aliases { get; }
}
