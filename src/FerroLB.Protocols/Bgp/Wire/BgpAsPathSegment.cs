using System;
using System.Collections.Immutable;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>A run of AS numbers. Any length is written as one segment or as several of at most 255 numbers.</summary>
/// <param name="Type">How they belong together.</param>
/// <param name="Asns">The numbers.</param>
public readonly record struct BgpAsPathSegment(BgpAsPathSegmentType Type, ImmutableArray<uint> Asns)
{
    /// <summary>The same type and the same numbers.</summary>
    public bool Equals(BgpAsPathSegment other) => Type == other.Type && Asns.AsSpan().SequenceEqual(other.Asns.AsSpan());

    /// <summary>The same in every process.</summary>
    public override int GetHashCode()
    {
        var hash = (uint)Type;
        foreach (var asn in Asns.AsSpan())
            hash = unchecked(hash * 16777619 ^ asn);
        return unchecked((int)hash);
    }
}
