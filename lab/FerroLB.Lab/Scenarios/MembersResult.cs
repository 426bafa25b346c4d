namespace FerroLB.Lab.Scenarios;

/// <summary>What a run of speakers without a cluster showed, in which none of them died.</summary>
/// <param name="GossipBytesPerSecond">What a speaker sent for membership on the average, IP, UDP and TCP headers included.</param>
/// <param name="MostGossipBytesPerSecond">The same of the speaker that sent most.</param>
/// <param name="HeartbeatsPerSecond">Heartbeats on the LAN, of all speakers together.</param>
/// <param name="Suspicions">How often a speaker began to suspect another.</param>
/// <param name="WronglyLost">How often a speaker held a living one to be dead by membership.</param>
/// <param name="WronglySilent">How often a speaker held a living one to be silent by its heartbeats, and so took over from it.</param>
/// <param name="AllMet">Whether every speaker knows all others at the end.</param>
/// <param name="Events">Events that happened.</param>
/// <param name="TraceHash">The hash over every input and output.</param>
public sealed record MembersResult(
    double GossipBytesPerSecond,
    double MostGossipBytesPerSecond,
    double HeartbeatsPerSecond,
    long Suspicions,
    long WronglyLost,
    long WronglySilent,
    bool AllMet,
    long Events,
    ulong TraceHash);
