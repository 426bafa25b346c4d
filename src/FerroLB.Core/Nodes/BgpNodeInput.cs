using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;

namespace FerroLB.Core.Nodes;

/// <summary>What the world tells a <see cref="BgpNode"/>.</summary>
public abstract record BgpNodeInput
{
    private BgpNodeInput()
    {
    }

    /// <summary>The control loop orders something.</summary>
    public sealed record Commanded(BgpCommand Command) : BgpNodeInput;

    /// <summary>Something happened on a connection of a session.</summary>
    /// <param name="Peer">The number of the session.</param>
    /// <param name="Input">What.</param>
    public sealed record StreamHappened(int Peer, BgpSessionInput Input) : BgpNodeInput;

    /// <summary>BFD found or lost a path.</summary>
    public sealed record BfdChanged(BfdStateChange Change) : BgpNodeInput;
}
