namespace FerroLB.Lab.Cluster;

/// <summary>What a controller's process is started with.</summary>
/// <param name="Name">The pod's name, another one for each replica.</param>
/// <param name="Identity">Who this process is: another one after each start.</param>
/// <param name="Elects">Whether the replicas elect a leader.</param>
/// <param name="Seed">The process's randomness.</param>
/// <param name="LoadBalancerClass">The class that it serves; "" for Services without a class.</param>
public sealed record ControllerStart(string Name, string Identity, bool Elects, ulong Seed, string LoadBalancerClass);
