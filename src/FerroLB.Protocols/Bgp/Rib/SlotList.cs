namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>A list of slots by arrival, linked inside the slots; see <see cref="RouteSlots"/>.</summary>
internal struct SlotList
{
    /// <summary>A list of nothing.</summary>
    public static readonly SlotList Empty = new() { Head = RouteSlots.None, Tail = RouteSlots.None };

    /// <summary>The slot that came first.</summary>
    public int Head;

    /// <summary>The slot that came last.</summary>
    public int Tail;

    /// <summary>Whether there is none.</summary>
    public readonly bool IsEmpty => Head == RouteSlots.None;
}
