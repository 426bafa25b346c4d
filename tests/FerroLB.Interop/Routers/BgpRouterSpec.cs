namespace FerroLB.Interop.Routers;

/// <summary>What a test wants of a router.</summary>
internal sealed record BgpRouterSpec
{
    /// <summary>The host that it runs on.</summary>
    public string Host { get; init; } = "router";

    /// <summary>Its own address.</summary>
    public string Router { get; init; } = "10.98.0.3";

    /// <summary>The node's address.</summary>
    public string Node { get; init; } = "10.98.0.2";

    /// <summary>Its own AS.</summary>
    public uint RouterAsn { get; init; } = 65002;

    /// <summary>The node's AS.</summary>
    public uint NodeAsn { get; init; } = 65001;

    /// <summary>The TCP-MD5 password; "" for none.</summary>
    public string Password { get; init; } = "";

    /// <summary>The hold time that it offers, in seconds.</summary>
    public int HoldSeconds { get; init; } = 3;

    /// <summary>Whether it waits for the node to connect.</summary>
    public bool IsPassive { get; init; } = true;

    /// <summary>Whether it is one that knows only AS numbers of two octets, as far as it can play that.</summary>
    public bool TwoOctetAs { get; init; }

    /// <summary>Whether it states a role (RFC 9234), if it can.</summary>
    public bool HasRole { get; init; }

    /// <summary>Whether the session carries IPv4 with IPv6 next hops instead (RFC 8950).</summary>
    public bool ExtendedNextHop { get; init; }

    /// <summary>Whether the session carries both families.</summary>
    public bool BothFamilies { get; init; }

    /// <summary>Whether it takes only what a neighbour can have sent, by its TTL (RFC 5082).</summary>
    public bool HasTtlSecurity { get; init; }

    /// <summary>How many hops away the node is.</summary>
    public int Hops { get; init; } = 1;

    /// <summary>Whether it keeps the node's routes while the node restarts (RFC 4724), if it has to be told.</summary>
    public bool KeepsRoutes { get; init; }

    /// <summary>Whether the session is over IPv6, and carries IPv6.</summary>
    public bool IsIPv6 => Router.Contains(':');

    /// <summary>The node's AS as the router is to expect it: AS_TRANS (RFC 6793) when it cannot know the real one.</summary>
    public uint ExpectedAsn => TwoOctetAs && NodeAsn > ushort.MaxValue ? 23456 : NodeAsn;

    /// <summary>The family that it carries, the first when it carries both: "ipv4" or "ipv6".</summary>
    public string Family => IsIPv6 && !ExtendedNextHop ? "ipv6" : "ipv4";

    /// <summary>The families that it carries.</summary>
    public string[] Families => BothFamilies ? ["ipv4", "ipv6"] : [Family];
}
