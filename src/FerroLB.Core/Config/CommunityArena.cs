using System;
using System.Collections.Generic;

namespace FerroLB.Core.Config;

/// <summary>No alias may be defined by two Community objects.</summary>
internal sealed class CommunityArena : IArena<CommunityConfig>
{
    private readonly SortedDictionary<string, string> _owners = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Objection? Judge(CommunityConfig form)
    {
        for (var i = 0; i < form.Aliases.Length; i++)
        {
            if (_owners.TryGetValue(form.Aliases[i].Alias, out var owner))
                return new(
                    $"spec.communities[{i}].name", form.Aliases[i].Alias, $"is defined by Community \"{owner}\" already",
                    "Remove one of the two, or rename it");
        }
        return null;
    }

    /// <inheritdoc/>
    public void Enter(CommunityConfig form)
    {
        foreach (var (alias, _) in form.Aliases)
            _owners[alias] = form.Name;
    }
}
