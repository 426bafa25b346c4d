using System;
using System.Collections.Generic;

namespace FerroLB.Lab.Workloads;

/// <summary>What users do in a run, and how often; a seed draws it, so that runs differ in kind and not in detail only.</summary>
public sealed record WorkloadOptions
{
    /// <summary>The class that the controllers serve; "" for Services without one.</summary>
    public string OurClass { get; init; } = "";

    /// <summary>The most Services that exist at once.</summary>
    public int MostServices { get; init; } = 12;

    /// <summary>The longest pause between two acts.</summary>
    public TimeSpan MostPause { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>The share of Services with externalTrafficPolicy Local, 0-1.</summary>
    public double LocalShare { get; init; } = 0.25;

    /// <summary>The share of Services that want two families, 0-1.</summary>
    public double DualShare { get; init; } = 0.2;

    /// <summary>The share of Services that ask for an address or a pool, 0-1.</summary>
    public double RequestShare { get; init; } = 0.25;

    /// <summary>The share of Services with a sharing key, 0-1.</summary>
    public double SharingShare { get; init; } = 0.25;

    /// <summary>The share of acts that touch pools, advertisements, nodes and namespaces instead of Services, 0-1.</summary>
    public double ConfigurationShare { get; init; } = 0.3;

    /// <summary>The share of configuration edits that are wrong, 0-1.</summary>
    public double InvalidShare { get; init; } = 0.15;

    /// <summary>The share of those acts on neither pools nor L2Advertisements that are about BGP, 0-1.</summary>
    public double RouteShare { get; init; } = 0.3;

    /// <summary>The hold times that sessions with routers are given, in seconds.</summary>
    public IReadOnlyList<int> HoldSeconds { get; init; } = [3, 9, 30, 90];
}
