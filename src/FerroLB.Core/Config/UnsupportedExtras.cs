using System.Collections.Immutable;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// The ConfigMap "bgpextras" holds text for FRR's configuration file. FerroLB has its own BGP engine and cannot carry it out; that is
/// reported, and everything else is used.
/// </summary>
internal static class UnsupportedExtras
{
    private const string Key = "extras";

    /// <summary>The rejection, if there is any text.</summary>
    public static ImmutableArray<ConfigRejection> Find(ConfigMap? extras)
    {
        if (extras?.Data is not { } data || !data.TryGetValue(Key, out var text) || string.IsNullOrWhiteSpace(text))
            return [];
        return
        [
            new(
                "ConfigMap", extras.Key, $"data.{Key}", "", "holds configuration for FRR, which FerroLB does not use",
                "Delete the ConfigMap", LastValidFormInForce: false) { PartialConsequence = "it has no effect" },
        ];
    }
}
