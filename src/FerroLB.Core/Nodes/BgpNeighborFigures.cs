using FerroLB.Protocols.Bgp.Session;

namespace FerroLB.Core.Nodes;

/// <summary>What metrics say of a peer.</summary>
/// <param name="IsUp">Whether its session is established.</param>
/// <param name="Announced">How many prefixes it shall know, as far as its session carries their families.</param>
/// <param name="Pending">How many of them it has not been told yet.</param>
/// <param name="Counters">Messages so far.</param>
internal readonly record struct BgpNeighborFigures(bool IsUp, int Announced, int Pending, BgpSessionCounters Counters);
