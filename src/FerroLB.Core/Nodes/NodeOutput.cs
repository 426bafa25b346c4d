using FerroLB.Core.Kube;
using FerroLB.Core.Status;

namespace FerroLB.Core.Nodes;

/// <summary>What a controller or a speaker's control loop orders.</summary>
public abstract record NodeOutput
{
    private NodeOutput()
    {
    }

    /// <summary>Send a request to the Kubernetes API.</summary>
    /// <param name="Request">The request.</param>
    public sealed record SendKubeRequest(KubeRequest Request) : NodeOutput;

    /// <summary>Give up a request or a watch; nothing more is expected for its id.</summary>
    /// <param name="RequestId">The request's id.</param>
    public sealed record CancelKubeRequest(long RequestId) : NodeOutput;

    /// <summary>Hand a command to the link loop; speakers only.</summary>
    /// <param name="Command">The command.</param>
    public sealed record CommandLink(LinkCommand Command) : NodeOutput;

    /// <summary>Write a log line.</summary>
    /// <param name="Event">The line.</param>
    public sealed record WriteLog(LogEvent Event) : NodeOutput;

    /// <summary>Change a metric.</summary>
    /// <param name="Change">The change.</param>
    public sealed record ChangeMetric(MetricChange Change) : NodeOutput;

    /// <summary>Everything that a clean end needs has been ordered: stop the loops and exit with 0.</summary>
    public sealed record CompleteShutdown : NodeOutput;
}
