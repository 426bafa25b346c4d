using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>The attributes of one UPDATE, taken one by one and then judged together.</summary>
/// <param name="update">Where prefixes of other families go.</param>
/// <param name="fourOctetAs">Whether AS numbers have four octets.</param>
internal sealed class AttributeReading(HeardUpdate update, bool fourOctetAs)
{
    /// <summary>The AS number that stands for one that needs four octets (RFC 6793).</summary>
    public const uint AsTrans = 23456;

    private readonly SortedSet<byte> _seen = [];
    private readonly List<IpAddress> _nextHops = [];
    private readonly List<string> _communities = [];
    private List<uint> _path = [];
    private List<uint>? _fullPath;
    private uint? _med;
    private uint? _localPref;
    private int _origin = -1;

    /// <summary>What is said of the routes.</summary>
    public string Words => update.Announced.Count == 0 ? "" : RouteWords.Of(_nextHops, _fullPath ?? _path, _localPref, _med, _communities);

    /// <summary>Takes an attribute; what is wrong with it, or null.</summary>
    public string? Take(byte type, ReadOnlySpan<byte> value)
    {
        if (!_seen.Add(type))
            return $"attribute {type} twice";
        var isRight = type switch
        {
            1 => value.Length == 1 && (_origin = value[0]) == 0,
            2 => Path(value, fourOctetAs ? 4 : 2, _path = []),
            3 => value.Length == 4 && NextHop(value),
            4 => value.Length == 4 && (_med = BinaryPrimitives.ReadUInt32BigEndian(value)) is not null,
            5 => value.Length == 4 && (_localPref = BinaryPrimitives.ReadUInt32BigEndian(value)) is not null,
            8 => value.Length > 0 && value.Length % 4 == 0 && Communities(value),
            14 => Reach(value),
            15 => Unreach(value),
            17 => !fourOctetAs && Path(value, 4, _fullPath = []),
            32 => value.Length > 0 && value.Length % 12 == 0 && LargeCommunities(value),
            _ => false,
        };
        return isRight ? null : $"attribute {type} with the value {Convert.ToHexString(value)}";
    }

    /// <summary>What is wrong with all of them together, or null.</summary>
    public string? Judge(bool isInternal)
    {
        if (update.Announced.Count == 0)
            return _seen.Any(type => type is not (14 or 15)) ? "attributes without a route" : null;
        if (_origin < 0 || !_seen.Contains(2) || _nextHops.Count == 0)
            return "a route without origin, path or next hop";
        if (update.Announced.Any(prefix => prefix.Family != update.Announced[0].Family))
            return "routes of two families in one message";
        if (_localPref is null == isInternal)
            return isInternal ? "a route without local preference to an internal peer" : "a local preference to an external peer";
        if (_path.Count == 0 != isInternal)
            return isInternal ? "a path to an internal peer" : "an empty path to an external peer";
        if (_path.Contains(AsTrans) && !fourOctetAs && _fullPath?.Count != _path.Count)
            return "AS 23456 without the path that it stands for";
        return _fullPath is not null && !_path.Contains(AsTrans) ? "AS4_PATH without need" : null;
    }

    private static bool Path(ReadOnlySpan<byte> value, int size, List<uint> path)
    {
        while (!value.IsEmpty)
        {
            if (value.Length < 2 || value[0] != 2 || value[1] == 0 || value.Length < 2 + size * value[1])
                return false;
            for (var i = 0; i < value[1]; i++)
            {
                var number = value[(2 + size * i)..];
                path.Add(size == 4 ? BinaryPrimitives.ReadUInt32BigEndian(number) : BinaryPrimitives.ReadUInt16BigEndian(number));
            }
            value = value[(2 + size * value[1])..];
        }
        return true;
    }

    private bool NextHop(ReadOnlySpan<byte> value)
    {
        _nextHops.Add(IpAddress.Read(value));
        return !_nextHops[^1].IsUnspecified;
    }

    private bool Communities(ReadOnlySpan<byte> value)
    {
        for (; !value.IsEmpty; value = value[4..])
            _communities.Add($"{BinaryPrimitives.ReadUInt16BigEndian(value)}:{BinaryPrimitives.ReadUInt16BigEndian(value[2..])}");
        return _communities.Distinct(StringComparer.Ordinal).Count() == _communities.Count;
    }

    private bool LargeCommunities(ReadOnlySpan<byte> value)
    {
        for (; !value.IsEmpty; value = value[12..])
        {
            _communities.Add(
                $"large:{BinaryPrimitives.ReadUInt32BigEndian(value)}:{BinaryPrimitives.ReadUInt32BigEndian(value[4..])}:" +
                $"{BinaryPrimitives.ReadUInt32BigEndian(value[8..])}");
        }
        return _communities.Distinct(StringComparer.Ordinal).Count() == _communities.Count;
    }

    // AFI 2, SAFI 1, one next hop or one with its link-local twin, a reserved octet, prefixes (RFC 4760 section 3, RFC 2545).
    private bool Reach(ReadOnlySpan<byte> value)
    {
        if (value.Length < 5 || !value[..3].SequenceEqual((ReadOnlySpan<byte>)[0, 2, 1]) || value[3] is not (16 or 32) ||
            value.Length < 5 + value[3])
            return false;
        for (var i = 0; i < value[3]; i += 16)
            NextHop(value.Slice(4 + i, 16));
        return value[4 + value[3]] == 0 && _nextHops.All(hop => !hop.IsUnspecified) &&
            MessageReading.Prefixes(value[(5 + value[3])..], AddressFamily.IPv6, update.Announced);
    }

    private bool Unreach(ReadOnlySpan<byte> value)
    {
        if (value.Length < 3 || value[0] != 0 || value[1] is not (1 or 2) || value[2] != 1)
            return false;
        if (value.Length == 3)
        {
            update.EndOfIPv4 = value[1] == 1;
            return true;
        }
        var family = value[1] == 1 ? AddressFamily.IPv4 : AddressFamily.IPv6;
        return MessageReading.Prefixes(value[3..], family, update.Withdrawn);
    }
}
