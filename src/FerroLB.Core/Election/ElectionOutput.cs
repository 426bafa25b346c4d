using FerroLB.Core.Kube;
using FerroLB.Core.Status;

namespace FerroLB.Core.Election;

/// <summary>What a <see cref="LeaderElectionMachine"/> orders. What it decides is in its properties.</summary>
public abstract record ElectionOutput
{
    private ElectionOutput()
    {
    }

    /// <summary>Send a request.</summary>
    /// <param name="Request">The request.</param>
    public sealed record SendRequest(KubeRequest Request) : ElectionOutput;

    /// <summary>Give up a request or a watch.</summary>
    /// <param name="RequestId">The request's id.</param>
    public sealed record CancelRequest(long RequestId) : ElectionOutput;

    /// <summary>Write a log line.</summary>
    /// <param name="Event">The line.</param>
    public sealed record WriteLog(LogEvent Event) : ElectionOutput;

    /// <summary>Change a metric.</summary>
    /// <param name="Change">The change.</param>
    public sealed record ChangeMetric(MetricChange Change) : ElectionOutput;
}
