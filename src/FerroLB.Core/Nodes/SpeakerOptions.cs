using System;

namespace FerroLB.Core.Nodes;

/// <summary>What the operator chose for a speaker.</summary>
/// <param name="NodeName">The Node object that this speaker runs on.</param>
/// <param name="Namespace">Where the configuration objects live.</param>
public sealed record SpeakerOptions(string NodeName, string Namespace)
{
    /// <summary>Only Services of exactly this class; empty for those without one (flag --lb-class).</summary>
    public string LoadBalancerClass { get; init; } = "";

    /// <summary>Whether nodes labelled to be excluded from external load balancers may announce all the same (flag
    /// --ignore-exclude-lb).</summary>
    public bool IgnoreExcludeLabel { get; init; }

    /// <summary>The Pod that the speaker runs in, in <see cref="Namespace"/>; empty when it is in none (flag --pod-name).</summary>
    public string PodName { get; init; } = "";

    /// <summary>How speakers find each other; null when they do not, and then the Node objects say which nodes live.</summary>
    public MembershipOptions? Membership { get; init; }

    /// <summary>Whether the link loop sends heartbeats, and so has to be told when all it owns has been commanded (flag
    /// --heartbeat-interval).</summary>
    public bool SendsHeartbeats { get; init; }

    /// <summary>Whether a Service is this installation's business, by its class.</summary>
    public static bool IsOurs(string? serviceClass, string chosenClass) =>
        string.Equals(serviceClass ?? "", chosenClass, StringComparison.Ordinal);
}
