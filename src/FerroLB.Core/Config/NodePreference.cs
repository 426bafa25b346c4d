namespace FerroLB.Core.Config;

/// <summary>A soft wish of a layer-2 advertisement for the election.</summary>
/// <param name="Weight">1-100; the weights of all wishes that match a node add up.</param>
/// <param name="Nodes">The nodes preferred.</param>
public sealed record NodePreference(int Weight, Selector Nodes);
