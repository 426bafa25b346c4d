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

    /// <summary>Whether the session is over IPv6, and carries IPv6.</summary>
    public bool IsIPv6 => Router.Contains(':');
}
