using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>A BGPAdvertisement as the checkers see it.</summary>
public sealed class RouteAdvertisementView
{
    internal RouteAdvertisementView(JsonElement advertisement)
    {
        var metadata = advertisement.Field("metadata");
        var annotations = metadata.Field("annotations").Map();
        var spec = advertisement.Field("spec");
        Name = metadata.Field("name").Text() ?? "";
        Pools = spec.Field("ipAddressPools").Texts();
        PoolSelectors = SelectorView.ReadList(spec.Field("ipAddressPoolSelectors"));
        NodeSelectors = SelectorView.ReadList(spec.Field("nodeSelectors"));
        ServiceSelectors = SelectorView.ReadList(spec.Field("serviceSelectors"));
        Peers = spec.Field("peers").Texts();
        LengthV4 = spec.Field("aggregationLength") is { } v4 ? v4.GetInt32() : 32;
        LengthV6 = spec.Field("aggregationLengthV6") is { } v6 ? v6.GetInt32() : 128;
        IsValid = LengthV4 is >= 1 and <= 32 && LengthV6 is >= 0 and <= 128;
        LocalPref = (uint)spec.Field("localPref").Number();
        Communities = spec.Field("communities").Texts();
        Med = Annotation(annotations, "ferrolb.io/med");
        Prepend = Annotation(annotations, "ferrolb.io/as-path-prepend") ?? 0;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Whether the workload's kind of mistake is absent.</summary>
    public bool IsValid { get; }

    /// <summary>Pools by name.</summary>
    public IReadOnlyList<string> Pools { get; }

    /// <summary>Pools by label.</summary>
    public IReadOnlyList<SelectorView> PoolSelectors { get; }

    /// <summary>Nodes by label.</summary>
    public IReadOnlyList<SelectorView> NodeSelectors { get; }

    /// <summary>Services by label.</summary>
    public IReadOnlyList<SelectorView> ServiceSelectors { get; }

    /// <summary>Peers by name; empty for all.</summary>
    public IReadOnlyList<string> Peers { get; }

    /// <summary>The length of IPv4 prefixes.</summary>
    public int LengthV4 { get; }

    /// <summary>The length of IPv6 prefixes.</summary>
    public int LengthV6 { get; }

    /// <summary>LOCAL_PREF; 0 for none.</summary>
    public uint LocalPref { get; }

    /// <summary>Communities as written: values, or names that Community objects give them.</summary>
    public IReadOnlyList<string> Communities { get; }

    /// <summary>MULTI_EXIT_DISC; null for none.</summary>
    public uint? Med { get; }

    /// <summary>How many times more the AS is put in front of the path.</summary>
    public uint Prepend { get; }

    /// <summary>The prefix that is advertised for an address.</summary>
    public IpPrefix PrefixOf(IpAddress address) => new(address, address.IsIPv4 ? LengthV4 : LengthV6);

    /// <summary>
    /// Whether it advertises addresses of the pool: it is meant for it, and no prefix would reach beyond a block of the pool.
    /// </summary>
    public bool Covers(PoolView pool)
    {
        var isMeant = (Pools.Count == 0 && PoolSelectors.Count == 0) || Pools.Contains(pool.Name, StringComparer.Ordinal) ||
            PoolSelectors.Any(selector => selector.Matches(pool.Labels));
        return isMeant && pool.Ranges.All(range => (range.First.IsIPv4 ? LengthV4 : LengthV6) >= ShortestBlock(range.First, range.Last));
    }

    /// <summary>Whether it is about the Service.</summary>
    public bool Covers(ServiceView service) =>
        ServiceSelectors.Count == 0 || ServiceSelectors.Any(selector => selector.Matches(service.Labels));

    /// <summary>Whether it advertises from the node.</summary>
    public bool Covers(NodeView node) => NodeSelectors.Count == 0 || NodeSelectors.Any(selector => selector.Matches(node.Labels));

    /// <summary>Whether it advertises to the peer.</summary>
    public bool Covers(PeerView peer) => Peers.Count == 0 || Peers.Contains(peer.Name, StringComparer.Ordinal);

    /// <summary>The length of the largest block that begins and ends within a range.</summary>
    internal static int ShortestBlock(IpAddress first, IpAddress last)
    {
        var length = first.BitCount;
        for (; length > 0; length--)
        {
            var freeBits = first.BitCount - length + 1;
            var mask = freeBits == 128 ? UInt128.MaxValue : (UInt128.One << freeBits) - 1;
            var isAligned = (first.Value & mask) == 0;
            if (!isAligned && (first.Value | mask) == UInt128.MaxValue)
                break;
            var begin = isAligned ? first.Value : (first.Value | mask) + 1;
            if (begin > last.Value || last.Value - begin < mask)
                break;
        }
        return length;
    }

    private static uint? Annotation(SortedDictionary<string, string> annotations, string key) =>
        annotations.TryGetValue(key, out var text) ? uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;
}
