namespace FerroLB.Lab.Cluster;

/// <summary>What a speaker's BGP loop is started with.</summary>
/// <param name="Node">The node that it runs on.</param>
/// <param name="Seed">The loop's randomness.</param>
public sealed record BgpStart(string Node, ulong Seed);
