using System;

namespace FerroLB.Lab.Cluster;

/// <summary>What a speaker's link loop is started with.</summary>
/// <param name="Node">The node that it runs on.</param>
/// <param name="Seed">Its randomness.</param>
/// <param name="Utc">The node's wall clock.</param>
/// <param name="HeartbeatInterval">How often owners say that they live; zero for never.</param>
public sealed record LinkStart(string Node, ulong Seed, DateTimeOffset Utc, TimeSpan HeartbeatInterval);
