using FerroLB.Core.Status;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;

namespace FerroLB.Core.Nodes;

/// <summary>What a <see cref="BgpNode"/> orders and tells.</summary>
public abstract record BgpNodeOutput
{
    private BgpNodeOutput()
    {
    }

    /// <summary>Open, write or close a connection of a session.</summary>
    /// <param name="Peer">The number of the session. Numbers are not used twice.</param>
    /// <param name="Order">The order: OpenStream, WriteStream or CloseStream.</param>
    public sealed record OrderStream(int Peer, BgpSessionOutput Order) : BgpNodeOutput;

    /// <summary>Watch a path, or watch it no longer.</summary>
    public sealed record WishBfd(BfdInput Wish) : BgpNodeOutput;

    /// <summary>How the sessions are; the newest report counts.</summary>
    public sealed record Report(BgpReport Sessions) : BgpNodeOutput;

    /// <summary>Write a log line.</summary>
    public sealed record WriteLog(LogEvent Event) : BgpNodeOutput;

    /// <summary>Change a metric.</summary>
    public sealed record ChangeMetric(MetricChange Change) : BgpNodeOutput;

    /// <summary>All peers were taken leave of: the answer to <see cref="BgpCommand.ShutDown"/>.</summary>
    public sealed record TellSilent : BgpNodeOutput;
}
