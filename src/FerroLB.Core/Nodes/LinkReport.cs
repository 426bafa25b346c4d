using System.Collections.Generic;
using FerroLB.Protocols.Ethernet;

namespace FerroLB.Core.Nodes;

/// <summary>What the link loop tells the control loop.</summary>
public abstract record LinkReport
{
    private LinkReport()
    {
    }

    /// <summary>The interfaces of this node changed, or are known for the first time.</summary>
    /// <param name="Links">All of them but the excluded ones, by index; usable or not.</param>
    public sealed record LinksChanged(IReadOnlyList<LinkState> Links) : LinkReport;
}
