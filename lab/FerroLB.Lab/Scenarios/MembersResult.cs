using System.Collections.Generic;
using System.Linq;

namespace FerroLB.Lab.Scenarios;

/// <summary>What a run of speakers without a cluster showed.</summary>
public sealed record MembersResult
{
    /// <summary>Octets that a speaker sent on the average until all knew all, IP, UDP and TCP headers included.</summary>
    public required double MeetingBytes { get; init; }

    /// <summary>What a speaker sent for membership per second on the average while nobody died, headers included.</summary>
    public required double GossipBytesPerSecond { get; init; }

    /// <summary>The same of the speaker that sent most.</summary>
    public required double MostGossipBytesPerSecond { get; init; }

    /// <summary>Heartbeats on the LAN per second while nobody died, of all speakers together.</summary>
    public required double HeartbeatsPerSecond { get; init; }

    /// <summary>How often a speaker began to suspect one that lived.</summary>
    public required long Suspicions { get; init; }

    /// <summary>How often a speaker held one that it could hear, or that another heard, to be dead by membership.</summary>
    public required long WronglyLost { get; init; }

    /// <summary>How often a speaker held one that it could hear, or that another heard, to be silent by its heartbeats, and so took
    /// over from it.</summary>
    public required long WronglySilent { get; init; }

    /// <summary>What was waited for, in order.</summary>
    public required IReadOnlyList<MembersFigure> Figures { get; init; }

    /// <summary>Whether every speaker knows all others at the end.</summary>
    public required bool AllMet { get; init; }

    /// <summary>Simulated seconds in all.</summary>
    public required double Seconds { get; init; }

    /// <summary>Events that happened.</summary>
    public required long Events { get; init; }

    /// <summary>The hash over every input and output.</summary>
    public required ulong TraceHash { get; init; }

    /// <summary>Whether everything was as it should be: all in time, nobody wronged, no more heartbeats than a LAN may carry.</summary>
    public bool IsRight =>
        AllMet && WronglyLost == 0 && WronglySilent == 0 && HeartbeatsPerSecond <= 1000 && Figures.All(figure => figure.IsMet);
}
