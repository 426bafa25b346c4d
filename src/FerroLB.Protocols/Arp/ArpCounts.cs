using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Arp;

/// <summary>What was counted for one announced address since it was last asked for.</summary>
/// <param name="Address">The address.</param>
/// <param name="RequestsReceived">Requests that deserved an answer.</param>
/// <param name="ResponsesSent">Answers.</param>
/// <param name="GratuitousSent">Frames sent unasked; a round on one interface is two.</param>
public readonly record struct ArpCounts(IpAddress Address, long RequestsReceived, long ResponsesSent, long GratuitousSent);
