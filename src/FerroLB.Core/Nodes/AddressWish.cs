using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>An address that a Service wants to be announced, and from where.</summary>
/// <param name="Address">The address.</param>
/// <param name="Interfaces">Names of the interfaces to announce it from, sorted; null means every usable one.</param>
public sealed record AddressWish(IpAddress Address, IReadOnlyList<string>? Interfaces)
{
    /// <summary>The same address on the same interfaces.</summary>
    public bool Equals(AddressWish? other) =>
        other is not null && Address == other.Address && OwnedAddress.AreSame(Interfaces, other.Interfaces);

    /// <summary>By address, which seldom repeats.</summary>
    public override int GetHashCode() => Address.GetHashCode();
}
