using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>Another host claims an address that this node announces, and went on claiming it when it was told better.</summary>
/// <param name="Address">The address.</param>
/// <param name="Interface">The interface on which the other host is heard.</param>
/// <param name="Mac">The other host's MAC.</param>
public sealed record AddressConflict(IpAddress Address, string Interface, MacAddress Mac);
