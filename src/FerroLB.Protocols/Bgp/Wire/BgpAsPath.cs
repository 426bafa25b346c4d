using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>The ASes that a route passed (RFC 4271 section 5.1.2).</summary>
/// <param name="Segments">In their order, the nearest first.</param>
public sealed record BgpAsPath(ImmutableArray<BgpAsPathSegment> Segments)
{
    /// <summary>No AS: a route of an internal peer's own AS.</summary>
    public static readonly BgpAsPath Empty = new([]);

    /// <summary>One sequence; empty for no numbers.</summary>
    public static BgpAsPath Of(params ReadOnlySpan<uint> asns) =>
        asns.IsEmpty ? Empty : new([new(BgpAsPathSegmentType.Sequence, [.. asns])]);

    /// <summary>One AS several times, as a speaker writes its own.</summary>
    public static BgpAsPath Repeat(uint asn, int count) =>
        count <= 0 ? Empty : new([new(BgpAsPathSegmentType.Sequence, [.. Enumerable.Repeat(asn, count)])]);

    /// <summary>The length by which paths are compared: a set counts as one, confederations as none (RFC 4271 section 9.1.2.2,
    /// RFC 5065).</summary>
    public int Length
    {
        get
        {
            var length = 0;
            foreach (var segment in Segments)
                length += LengthOf(segment);
            return length;
        }
    }

    /// <summary>The nearest AS, when the path begins with a sequence; else null.</summary>
    public uint? First => Segments is [{ Type: BgpAsPathSegmentType.Sequence, Asns: [var first, ..] }, ..] ? first : null;

    /// <summary>Whether any number needs four octets.</summary>
    public bool NeedsFourOctets => Segments.Any(segment => segment.Asns.Any(asn => asn > ushort.MaxValue));

    /// <summary>
    /// The path that a two-octet AS_PATH and the AS4_PATH beside it stand for (RFC 6793 section 4.2.3): the front of the first, as far as
    /// it is longer, before the second. An AS4_PATH that is longer is passed over.
    /// </summary>
    public static BgpAsPath Merge(BgpAsPath asPath, BgpAsPath as4Path)
    {
        var front = asPath.Length - as4Path.Length;
        if (front < 0 || as4Path.Segments.IsEmpty)
            return asPath;
        var merged = ImmutableArray.CreateBuilder<BgpAsPathSegment>();
        foreach (var segment in asPath.Segments)
        {
            var length = LengthOf(segment);
            if (front == 0 && length > 0)
                break;
            var isPart = segment.Type == BgpAsPathSegmentType.Sequence && length > front;
            merged.Add(isPart ? segment with { Asns = segment.Asns[..front] } : segment);
            front -= Math.Min(front, length);
        }
        foreach (var segment in as4Path.Segments)
        {
            if (merged is [.., { Type: BgpAsPathSegmentType.Sequence } last] && segment.Type == BgpAsPathSegmentType.Sequence)
                merged[^1] = last with { Asns = last.Asns.AddRange(segment.Asns) };
            else
                merged.Add(segment);
        }
        return new(merged.ToImmutable());
    }

    /// <inheritdoc/>
    public bool Equals(BgpAsPath? other) => other is not null && Segments.AsSpan().SequenceEqual(other.Segments.AsSpan());

    /// <summary>The same in every process.</summary>
    public override int GetHashCode()
    {
        var hash = 17;
        foreach (var segment in Segments)
            hash = unchecked(hash * 31 + segment.GetHashCode());
        return hash;
    }

    /// <summary>As routers show it: "64512 64513 {64514,64515}".</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var segment in Segments)
        {
            if (text.Length > 0)
                text.Append(' ');
            text.Append(segment.Type switch
            {
                BgpAsPathSegmentType.Set => $"{{{string.Join(',', segment.Asns)}}}",
                BgpAsPathSegmentType.ConfederationSequence => $"({string.Join(' ', segment.Asns)})",
                BgpAsPathSegmentType.ConfederationSet => $"[{string.Join(',', segment.Asns)}]",
                _ => string.Join(' ', segment.Asns),
            });
        }
        return text.ToString();
    }

    private static int LengthOf(BgpAsPathSegment segment) => segment.Type switch
    {
        BgpAsPathSegmentType.Sequence => segment.Asns.Length,
        BgpAsPathSegmentType.Set => 1,
        _ => 0,
    };
}
