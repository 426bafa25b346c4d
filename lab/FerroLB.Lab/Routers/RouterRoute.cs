using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>A route as a router knows it from one node.</summary>
/// <param name="Prefix">Where to.</param>
/// <param name="Words">Everything that was said of it, in canonical words: see <see cref="RouteWords"/>.</param>
public sealed record RouterRoute(IpPrefix Prefix, string Words)
{
    /// <summary>Whether it is kept for a speaker that restarts.</summary>
    public bool IsStale { get; set; }
}
