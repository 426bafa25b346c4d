using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// A run of prefixes as a message carries them (RFC 4271 section 4.3), checked once and read on demand. It lies in the message's octets
/// and is valid as long as they are; use <see cref="ToArray"/> to keep it.
/// </summary>
public readonly record struct BgpPrefixes
{
    private readonly ReadOnlyMemory<byte> _octets;

    private BgpPrefixes(ReadOnlyMemory<byte> octets, AddressFamily family, int count)
    {
        _octets = octets;
        Family = family;
        Count = count;
    }

    /// <summary>The family of all of them.</summary>
    public AddressFamily Family { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Checks a run; false when a length is above 32 or 128 bits, or the octets end too early (RFC 7606 section 5.3).</summary>
    public static bool TryRead(ReadOnlyMemory<byte> octets, AddressFamily family, out BgpPrefixes prefixes)
    {
        var span = octets.Span;
        var most = family == AddressFamily.IPv4 ? 32 : 128;
        var count = 0;
        for (var at = 0; at < span.Length; count++)
        {
            int bits = span[at];
            at += 1 + (bits + 7 >> 3);
            if (bits > most || at > span.Length)
            {
                prefixes = default;
                return false;
            }
        }
        prefixes = new(octets, family, count);
        return true;
    }

    /// <summary>Reads them one after the other.</summary>
    public Enumerator GetEnumerator() => new(_octets.Span, Family);

    /// <summary>All of them, in their order.</summary>
    public IpPrefix[] ToArray()
    {
        var prefixes = new IpPrefix[Count];
        var i = 0;
        foreach (var prefix in this)
            prefixes[i++] = prefix;
        return prefixes;
    }

    /// <summary>Reads prefixes from checked octets.</summary>
    public ref struct Enumerator
    {
        private readonly AddressFamily _family;
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> octets, AddressFamily family)
        {
            _rest = octets;
            _family = family;
        }

        /// <summary>The prefix; bits behind its length are masked away.</summary>
        public IpPrefix Current { get; private set; }

        /// <summary>Goes on to the next.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            int bits = _rest[0];
            var bytes = bits + 7 >> 3;
            Current = _family == AddressFamily.IPv4 ? ReadIPv4(_rest.Slice(1, bytes), bits) : ReadIPv6(_rest.Slice(1, bytes), bits);
            _rest = _rest[(1 + bytes)..];
            return true;
        }

        private static IpPrefix ReadIPv4(ReadOnlySpan<byte> bytes, int bits)
        {
            uint value = 0;
            for (var i = 0; i < bytes.Length; i++)
                value |= (uint)bytes[i] << (24 - 8 * i);
            return new(IpAddress.V4(value), bits);
        }

        private static IpPrefix ReadIPv6(ReadOnlySpan<byte> bytes, int bits)
        {
            Span<byte> octets = stackalloc byte[16];
            octets.Clear();
            bytes.CopyTo(octets);
            return new(IpAddress.Read(octets), bits);
        }
    }
}
