using FerroLB.Core.Election;

namespace FerroLB.Core.Nodes;

/// <summary>Whether a controller leads, and who does.</summary>
/// <param name="Role">What this controller may do.</param>
/// <param name="Identity">Who it is in the Lease; "" without election.</param>
/// <param name="Holder">Who holds the Lease as far as is known; "" for nobody, and without election.</param>
/// <param name="Transitions">How often the Lease changed hands as far as is known.</param>
/// <param name="IsOpen">Whether this controller leads and has made sure that no earlier leader can interfere: it gives addresses.</param>
public sealed record LeadershipSnapshot(LeaderRole Role, string Identity, string Holder, int Transitions, bool IsOpen);
