namespace FerroLB.Lab.Cluster;

/// <summary>What a speaker's process is started with.</summary>
/// <param name="Node">The node that it runs on.</param>
/// <param name="Seed">The process's randomness.</param>
/// <param name="LoadBalancerClass">The class that it serves; "" for Services without a class.</param>
public sealed record SpeakerStart(string Node, ulong Seed, string LoadBalancerClass);
