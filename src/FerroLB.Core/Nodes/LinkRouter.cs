using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>The router at the other end of an interface.</summary>
/// <param name="LinkIndex">The interface.</param>
/// <param name="Address">The router's link-local address.</param>
internal readonly record struct LinkRouter(int LinkIndex, IpAddress Address);
