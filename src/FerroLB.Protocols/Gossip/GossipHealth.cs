using System;

namespace FerroLB.Protocols.Gossip;

/// <summary>How far this member trusts its own judgement: a score that grows when its probes fail without a word from those it asked for
/// help, or when others suspect it, and that makes its probes more patient.</summary>
internal sealed class GossipHealth(int mostMultiplier)
{
    private readonly int _worst = Math.Max(0, mostMultiplier - 1);

    /// <summary>0 is well.</summary>
    public int Score { get; private set; }

    public void Add(int delta) => Score = Math.Clamp(Score + delta, 0, _worst);

    public TimeSpan Scale(TimeSpan timeout) => timeout * (Score + 1);
}
