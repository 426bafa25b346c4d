using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>What a peer shall know of one prefix, and what it was told.</summary>
internal struct RouteSlot
{
    public IpPrefix Prefix;

    /// <summary>What it shall know; null for nothing.</summary>
    public RouteGroup? Desired;

    /// <summary>What it was told in this session; null for nothing.</summary>
    public RouteGroup? Sent;

    /// <summary>The change that made it pending.</summary>
    public uint Generation;

    /// <summary>The last full replacement that named it.</summary>
    public uint Stamp;

    /// <summary>The next slot with the same hash plus one; 0 for none.</summary>
    public int NextInChain;

    public int Next;
    public int Previous;
    public PendingKind Pending;

    /// <summary>Whether it must be sent although it was sent.</summary>
    public bool Resend;

    /// <summary>Whether the mark at the end of the table waits for it.</summary>
    public bool IsAwaited;
}
