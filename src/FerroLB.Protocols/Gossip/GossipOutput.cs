using System.Collections.Generic;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Protocols.Gossip;

/// <summary>What a <see cref="GossipMachine"/> orders and reports. Octets want their envelope put on.</summary>
public abstract record GossipOutput
{
    private GossipOutput()
    {
    }

    /// <summary>Send a datagram.</summary>
    public sealed record SendDatagram(GossipAddress To, byte[] Plain) : GossipOutput;

    /// <summary>Open a stream; say when it is open or failed.</summary>
    public sealed record OpenStream(long Stream, GossipAddress To) : GossipOutput;

    /// <summary>Send the one message of this side of a stream.</summary>
    public sealed record WriteStream(long Stream, byte[] Plain) : GossipOutput;

    /// <summary>Close a stream when what was written is sent; nothing more is said about it.</summary>
    public sealed record CloseStream(long Stream) : GossipOutput;

    /// <summary>Somebody is a member now.</summary>
    public sealed record MemberJoined(GossipMember Member) : GossipOutput;

    /// <summary>A member's data or address changed.</summary>
    public sealed record MemberUpdated(GossipMember Member) : GossipOutput;

    /// <summary>A member is suspected; it may refute that.</summary>
    public sealed record MemberSuspected(GossipMember Member, string From) : GossipOutput;

    /// <summary>A suspected member is all right.</summary>
    public sealed record MemberCleared(GossipMember Member) : GossipOutput;

    /// <summary>A member is gone: failed, or left by itself, as its state says.</summary>
    public sealed record MemberLeft(GossipMember Member) : GossipOutput;

    /// <summary>Two claim one name; the known one stays.</summary>
    /// <param name="Member">The known one; this member itself if its own name is claimed.</param>
    /// <param name="Other">Where the other one is.</param>
    public sealed record NameConflict(GossipMember Member, GossipAddress Other) : GossipOutput;

    /// <summary>A wish to join was carried out.</summary>
    /// <param name="Joined">How many addresses answered.</param>
    /// <param name="Failures">Why others did not.</param>
    public sealed record JoinEnded(int Joined, IReadOnlyList<string> Failures) : GossipOutput;

    /// <summary>This member left, and enough others were told, or the time was up.</summary>
    public sealed record LeaveEnded : GossipOutput;

    /// <summary>Something for the log.</summary>
    public sealed record Report(GossipReport Kind, string Text) : GossipOutput;
}

/// <summary>What a report is about.</summary>
public enum GossipReport : byte
{
    /// <summary>This member said that it is there, because somebody thought otherwise.</summary>
    Refuted,

    /// <summary>A member answers on streams but not by datagrams.</summary>
    OnlyStreamAnswers,

    /// <summary>An exchange of the whole picture failed.</summary>
    PushPullFailed,

    /// <summary>Somebody speaks versions that do not fit ours.</summary>
    VersionRefused,

    /// <summary>There are more members, streams or octets than allowed.</summary>
    LimitReached,

    /// <summary>A stream brought nonsense.</summary>
    StreamRefused,

    /// <summary>The process stood still for a while; what should have happened meanwhile is not held against others.</summary>
    StoodStill,
}
