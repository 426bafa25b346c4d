using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>A speaker's UPDATE as a router read it.</summary>
internal sealed class HeardUpdate
{
    public List<IpPrefix> Withdrawn { get; } = [];

    public List<IpPrefix> Announced { get; } = [];

    /// <summary>What is said of those that are announced.</summary>
    public string Words { get; set; } = "";

    /// <summary>Whether the table of IPv4, or of IPv6, is complete; null for a message that says nothing of it.</summary>
    public bool? EndOfIPv4 { get; set; }

    /// <inheritdoc/>
    public override string ToString() => EndOfIPv4 is { } isIPv4
        ? $"the end of {(isIPv4 ? "IPv4" : "IPv6")}"
        : $"{string.Join(", ", Announced)} {Words}; withdrawn: {string.Join(", ", Withdrawn)}";
}
