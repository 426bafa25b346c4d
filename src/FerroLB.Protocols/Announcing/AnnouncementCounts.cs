using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Announcing;

/// <summary>What was counted for one announced address since it was last asked for.</summary>
/// <param name="Address">The address.</param>
/// <param name="RequestsReceived">Requests that deserved an answer.</param>
/// <param name="ResponsesSent">Answers.</param>
/// <param name="GratuitousSent">Frames sent unasked; a round on one interface is two by ARP, one by NDP.</param>
public readonly record struct AnnouncementCounts(IpAddress Address, long RequestsReceived, long ResponsesSent, long GratuitousSent);
