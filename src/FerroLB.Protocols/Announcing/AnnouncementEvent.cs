using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Announcing;

/// <summary>What happened to an announced address.</summary>
public enum AnnouncementEventKind : byte
{
    /// <summary>
    /// An address that was yielded is no longer answered for: the new owner was heard (then the interface and the MAC say where and who
    /// last), or the time was up.
    /// </summary>
    Released,

    /// <summary>Another host claims the address, and goes on after it was told better.</summary>
    ConflictBegan,

    /// <summary>It did so again; told at most once per second, the beginning included.</summary>
    ClaimCounted,

    /// <summary>Nothing was heard of it for long, or this node does not announce the address there any more.</summary>
    ConflictEnded,
}

/// <summary>Something that happened to an announced address and that its owner must know.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Address">The address.</param>
/// <param name="LinkIndex">The interface; 0 when there is none to tell.</param>
/// <param name="Mac">The other host's MAC; zero when there is none to tell.</param>
public readonly record struct AnnouncementEvent(AnnouncementEventKind Kind, IpAddress Address, int LinkIndex, MacAddress Mac);
