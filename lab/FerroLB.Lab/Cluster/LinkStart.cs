namespace FerroLB.Lab.Cluster;

/// <summary>What a speaker's link loop is started with.</summary>
/// <param name="Node">The node that it runs on.</param>
/// <param name="Seed">Its randomness.</param>
public sealed record LinkStart(string Node, ulong Seed);
