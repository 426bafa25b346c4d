using System;
using System.Collections.Generic;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Protocols.Gossip;

/// <summary>What the world tells a <see cref="GossipMachine"/>. Octets are without their envelope. The machine numbers the streams that it
/// opens with negative numbers, the world those that it accepts with others.</summary>
public abstract record GossipInput
{
    private GossipInput()
    {
    }

    /// <summary>A datagram arrived.</summary>
    /// <param name="From">Where it came from.</param>
    /// <param name="Plain">Its content.</param>
    public sealed record DatagramReceived(GossipAddress From, ReadOnlyMemory<byte> Plain) : GossipInput;

    /// <summary>Somebody opened a stream.</summary>
    public sealed record StreamAccepted(long Stream, GossipAddress From) : GossipInput;

    /// <summary>A stream that the machine wanted is open.</summary>
    public sealed record StreamOpened(long Stream) : GossipInput;

    /// <summary>Octets came on a stream.</summary>
    public sealed record StreamBytes(long Stream, ReadOnlyMemory<byte> Plain) : GossipInput;

    /// <summary>The other side ended a stream.</summary>
    public sealed record StreamClosed(long Stream) : GossipInput;

    /// <summary>A stream did not open, broke, or its envelope was refused.</summary>
    public sealed record StreamFailed(long Stream, string Reason) : GossipInput;

    /// <summary>Somebody wants these to be joined; those that are members already are better left out.</summary>
    public sealed record JoinRequested(IReadOnlyList<GossipAddress> Addresses) : GossipInput;

    /// <summary>Somebody has reason to believe that a member failed.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Accusation">Not 0; the member bears it as <see cref="GossipMember.AnsweredAccusation"/> when it refutes it.</param>
    public sealed record SuspectRequested(string Name, long Accusation) : GossipInput;

    /// <summary>Somebody wants this member to leave; there is no way back.</summary>
    public sealed record LeaveRequested : GossipInput;

    /// <summary>This member's data are others from now on.</summary>
    public sealed record MetadataChanged(ReadOnlyMemory<byte> Meta) : GossipInput;
}
