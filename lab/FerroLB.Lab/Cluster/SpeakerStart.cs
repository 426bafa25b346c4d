using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>What a speaker's process is started with.</summary>
/// <param name="Node">The node that it runs on.</param>
/// <param name="Seed">The process's randomness.</param>
/// <param name="LoadBalancerClass">The class that it serves; "" for Services without a class.</param>
/// <param name="SendsHeartbeats">Whether owners say on the LAN that they live.</param>
/// <param name="Address">Where it listens for other speakers; null when speakers do not look for each other.</param>
public sealed record SpeakerStart(string Node, ulong Seed, string LoadBalancerClass, bool SendsHeartbeats, IpAddress? Address);
