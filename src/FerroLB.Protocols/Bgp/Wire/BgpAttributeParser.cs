using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// Walks through the path attributes of an UPDATE and judges each by the table of RFC 7606 section 7 and its successors. Without
/// <paramref name="values"/> it only judges, and allocates nothing unless it finds an error.
/// </summary>
internal ref struct BgpAttributeParser(BgpUpdateContext context, BgpAttributeValues? values)
{
    /// <summary>Errors beyond these are counted in the action and not listed.</summary>
    public const int MostErrors = 16;

    private const byte ExtendedLengthFlag = 0x10;
    private const byte OptionalFlag = 0x80;
    private const byte KindFlags = 0xC0;
    private const byte WellKnown = 0x40;
    private const byte OptionalNonTransitive = 0x80;
    private const byte OptionalTransitive = 0xC0;

    private readonly BgpUpdateContext _context = context;
    private readonly BgpAttributeValues? _values = values;
    private UInt128 _seenLow;
    private UInt128 _seenHigh;
    private byte _flags;
    private BgpAttributeType _type;
    private ReadOnlyMemory<byte> _value;
    private ReadOnlyMemory<byte> _whole;

    /// <summary>What was found wrong; null for nothing.</summary>
    public List<BgpUpdateError>? Errors { get; private set; }

    /// <summary>The strongest action of all errors.</summary>
    public BgpErrorAction Action { get; private set; }

    /// <summary>NEXT_HOP; null when absent or malformed.</summary>
    public IpAddress? NextHop { get; private set; }

    /// <summary>MP_REACH_NLRI; null when absent, malformed or of another family.</summary>
    public BgpMultiProtocol? Reach { get; private set; }

    /// <summary>MP_UNREACH_NLRI; null when absent, malformed or of another family.</summary>
    public BgpMultiProtocol? Unreach { get; private set; }

    /// <summary>How many attributes there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether MP_REACH_NLRI holds routes of a family that is passed over.</summary>
    public bool ReachesOtherFamily { get; private set; }

    /// <summary>Whether an attribute is there, malformed or not.</summary>
    public readonly bool Has(BgpAttributeType type) => (_seenLow >> (int)type & 1) != 0;

    public void Parse(ReadOnlyMemory<byte> attributes)
    {
        while (!attributes.IsEmpty && TryTakeAttribute(ref attributes))
        {
            Count++;
            if (IsRepeated())
                continue;
            if (ExpectedFlags(_type) is var expected and not 0 && (_flags & KindFlags) != expected)
                AddFlagsError();
            else
                ReadValue();
        }
    }

    public void Add(
        BgpErrorAction action, BgpUpdateFault fault, BgpAttributeType type, BgpFamily? family = null, BgpNotification? notification = null)
    {
        var decides = action > Action;
        Action = decides ? action : Action;
        Errors ??= [];
        if (Errors.Count < MostErrors)
            Errors.Add(new(action, fault, type, family, notification));
        else if (decides)
            Errors[^1] = new(action, fault, type, family, notification);
    }

    /// <summary>The flags that tell well-known, optional and transitive apart; 0 for a type that is not understood.</summary>
    private static byte ExpectedFlags(BgpAttributeType type) => type switch
    {
        BgpAttributeType.Origin or BgpAttributeType.AsPath or BgpAttributeType.NextHop or BgpAttributeType.LocalPref or
            BgpAttributeType.AtomicAggregate => WellKnown,
        BgpAttributeType.MultiExitDisc or BgpAttributeType.OriginatorId or BgpAttributeType.ClusterList or
            BgpAttributeType.MpReachNlri or BgpAttributeType.MpUnreachNlri => OptionalNonTransitive,
        BgpAttributeType.Aggregator or BgpAttributeType.Communities or BgpAttributeType.ExtendedCommunities or
            BgpAttributeType.As4Path or BgpAttributeType.As4Aggregator or BgpAttributeType.IPv6ExtendedCommunities or
            BgpAttributeType.LargeCommunities or BgpAttributeType.OnlyToCustomer => OptionalTransitive,
        _ => 0,
    };

    private static BgpNotification Malformed() => BgpNotification.Update(BgpUpdateSubcode.MalformedAttributeList);

    private bool TryTakeAttribute(ref ReadOnlyMemory<byte> attributes)
    {
        var span = attributes.Span;
        var isExtended = (span[0] & ExtendedLengthFlag) != 0;
        var headerBytes = isExtended ? 4 : 3;
        if (span.Length < headerBytes)
        {
            Add(BgpErrorAction.TreatAsWithdraw, BgpUpdateFault.AttributeUnderrun, BgpAttributeType.None);
            return false;
        }
        _flags = span[0];
        _type = (BgpAttributeType)span[1];
        int length = isExtended ? BinaryPrimitives.ReadUInt16BigEndian(span[2..]) : span[2];
        if (length > span.Length - headerBytes)
        {
            Count++;
            // Routes inside the attribute that is cut off cannot be found, so they cannot be withdrawn (RFC 7606 section 3 j).
            if (_type is BgpAttributeType.MpReachNlri or BgpAttributeType.MpUnreachNlri)
                Add(BgpErrorAction.SessionReset, BgpUpdateFault.AttributeOverrun, _type, null, Malformed());
            else
                Add(BgpErrorAction.TreatAsWithdraw, BgpUpdateFault.AttributeOverrun, _type);
            return false;
        }
        _whole = attributes[..(headerBytes + length)];
        _value = _whole[headerBytes..];
        attributes = attributes[_whole.Length..];
        return true;
    }

    private bool IsRepeated()
    {
        var bit = (int)_type;
        ref var seen = ref _seenLow;
        if (bit >= 128)
            seen = ref _seenHigh;
        var mask = UInt128.One << (bit & 127);
        var isRepeated = (seen & mask) != 0;
        seen |= mask;
        if (!isRepeated)
            return false;
        if (_type is BgpAttributeType.MpReachNlri or BgpAttributeType.MpUnreachNlri)
            Add(BgpErrorAction.SessionReset, BgpUpdateFault.AttributeRepeated, _type, null, Malformed());
        else
            Add(BgpErrorAction.AttributeDiscard, BgpUpdateFault.AttributeRepeated, _type);
        return true;
    }

    private void AddFlagsError()
    {
        switch (_type)
        {
            case BgpAttributeType.MpReachNlri or BgpAttributeType.MpUnreachNlri:
                AddRoutesError(BgpUpdateFault.AttributeFlags);
                break;
            case BgpAttributeType.AtomicAggregate or BgpAttributeType.Aggregator:
                Add(BgpErrorAction.AttributeDiscard, BgpUpdateFault.AttributeFlags, _type);
                break;
            default:
                Add(BgpErrorAction.TreatAsWithdraw, BgpUpdateFault.AttributeFlags, _type);
                break;
        }
    }

    private void ReadValue()
    {
        switch (_type)
        {
            case BgpAttributeType.Origin:
                ReadOrigin();
                break;
            case BgpAttributeType.AsPath:
                ReadAsPath();
                break;
            case BgpAttributeType.NextHop:
                if (HasLength(4, BgpErrorAction.TreatAsWithdraw))
                    NextHop = IpAddress.Read(_value.Span);
                break;
            case BgpAttributeType.Aggregator:
                ReadAggregator(_context.FourOctetAs);
                break;
            case BgpAttributeType.As4Path or BgpAttributeType.As4Aggregator:
                ReadForTwoOctetSpeakers();
                break;
            case BgpAttributeType.MpReachNlri:
                ReadReach();
                break;
            case BgpAttributeType.MpUnreachNlri:
                ReadUnreach();
                break;
            default:
                if (!ReadNumber() && !ReadList())
                    ReadUnknown();
                break;
        }
    }

    /// <summary>Attributes that are one number of 32 bits, or nothing at all.</summary>
    private bool ReadNumber()
    {
        switch (_type)
        {
            case BgpAttributeType.MultiExitDisc:
                if (HasLength(4, BgpErrorAction.TreatAsWithdraw) && _values is not null)
                    _values.MultiExitDisc = Number();
                return true;
            case BgpAttributeType.LocalPref:
                if (IsFromInternal() && HasLength(4, BgpErrorAction.TreatAsWithdraw) && _values is not null)
                    _values.LocalPref = Number();
                return true;
            case BgpAttributeType.AtomicAggregate:
                if (HasLength(0, BgpErrorAction.AttributeDiscard) && _values is not null)
                    _values.IsAtomicAggregate = true;
                return true;
            case BgpAttributeType.OriginatorId:
                if (IsFromInternal() && HasLength(4, BgpErrorAction.TreatAsWithdraw) && _values is not null)
                    _values.OriginatorId = Number();
                return true;
            case BgpAttributeType.OnlyToCustomer:
                if (HasLength(4, BgpErrorAction.TreatAsWithdraw) && _values is not null)
                    _values.OnlyToCustomer = Number();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Attributes that are lists of values of one size.</summary>
    private bool ReadList()
    {
        switch (_type)
        {
            case BgpAttributeType.Communities:
                if (IsListOf(4) && _values is not null)
                    _values.Communities = [.. MemoryMarshal.Cast<uint, BgpCommunity>(Numbers())];
                return true;
            case BgpAttributeType.ClusterList:
                if (IsFromInternal() && IsListOf(4) && _values is not null)
                    _values.ClusterList = [.. Numbers()];
                return true;
            case BgpAttributeType.ExtendedCommunities:
                if (IsListOf(BgpExtendedCommunity.SizeBytes) && _values is not null)
                    _values.ExtendedCommunities = ReadExtendedCommunities();
                return true;
            case BgpAttributeType.LargeCommunities:
                if (IsListOf(BgpLargeCommunity.SizeBytes) && _values is not null)
                    _values.LargeCommunities = ReadLargeCommunities();
                return true;
            case BgpAttributeType.IPv6ExtendedCommunities:
                if (IsListOf(20))
                    KeepUnknown();
                return true;
            default:
                return false;
        }
    }

    private void ReadUnknown()
    {
        if ((_flags & OptionalFlag) != 0)
        {
            KeepUnknown();
            return;
        }
        var notification = BgpNotification.Update(BgpUpdateSubcode.UnrecognizedWellKnownAttribute, _whole.ToArray());
        Add(BgpErrorAction.SessionReset, BgpUpdateFault.WellKnownNotRecognized, _type, null, notification);
    }

    /// <summary>Keeps octets. How their length was written says nothing about them.</summary>
    private readonly void KeepUnknown() =>
        _values?.Unknown.Add(new((byte)(_flags & ~ExtendedLengthFlag), (byte)_type, _value.ToArray()));

    private void ReadOrigin()
    {
        if (!HasLength(1, BgpErrorAction.TreatAsWithdraw))
            return;
        var origin = (BgpOrigin)_value.Span[0];
        if (origin > BgpOrigin.Incomplete)
            Add(BgpErrorAction.TreatAsWithdraw, BgpUpdateFault.AttributeValue, _type);
        else if (_values is not null)
            _values.Origin = origin;
    }

    private void ReadAsPath()
    {
        var octets = _value.Span;
        if (BgpAsPathReader.FaultIn(octets, _context.FourOctetAs, takesConfederations: false) is { } fault)
        {
            Add(BgpErrorAction.TreatAsWithdraw, fault, _type);
            if (fault != BgpUpdateFault.AsSet)
                return;
        }
        else if (_context.FirstAsn is { } first && BgpAsPathReader.FirstOf(octets, _context.FourOctetAs) != first)
        {
            Add(BgpErrorAction.TreatAsWithdraw, BgpUpdateFault.FirstAs, _type);
        }
        if (_values is not null)
            _values.AsPath = octets.IsEmpty ? BgpAsPath.Empty : BgpAsPathReader.Read(octets, _context.FourOctetAs);
    }

    private void ReadForTwoOctetSpeakers()
    {
        if (_context.FourOctetAs)
        {
            Add(BgpErrorAction.AttributeDiscard, BgpUpdateFault.AttributeNotExpected, _type);
            return;
        }
        if (_type == BgpAttributeType.As4Aggregator)
        {
            ReadAggregator(hasFourOctets: true);
            return;
        }
        var fault = _value.Length < 6
            ? BgpUpdateFault.AttributeLength
            : BgpAsPathReader.FaultIn(_value.Span, hasFourOctets: true, takesConfederations: true);
        if (fault is { } found)
            Add(found == BgpUpdateFault.AsSet ? BgpErrorAction.TreatAsWithdraw : BgpErrorAction.AttributeDiscard, found, _type);
        else if (_values is not null)
            _values.As4Path = BgpAsPathReader.ReadAs4Path(_value.Span);
    }

    private void ReadAggregator(bool hasFourOctets)
    {
        if (!HasLength(hasFourOctets ? 8 : 6, BgpErrorAction.AttributeDiscard))
            return;
        var reader = new ByteReader(_value.Span);
        var aggregator = new BgpAggregator(hasFourOctets ? reader.ReadUInt32() : reader.ReadUInt16(), reader.ReadIPv4());
        if (aggregator.Asn == 0)
            Add(BgpErrorAction.AttributeDiscard, BgpUpdateFault.AsZero, _type);
        else if (_values is not null && _type == BgpAttributeType.Aggregator)
            _values.Aggregator = aggregator;
        else if (_values is not null)
            _values.As4Aggregator = aggregator;
    }

    private void ReadReach()
    {
        if (_value.Length < 5 || FamilyOfRoutes() is not { } family)
        {
            AddRoutesError(BgpUpdateFault.AttributeLength);
            return;
        }
        if (!_context.Speaks(family))
        {
            ReachesOtherFamily = true;
            Add(BgpErrorAction.AttributeDiscard, BgpUpdateFault.FamilyNotNegotiated, _type);
            return;
        }
        var octets = _value.Span;
        int nextHopBytes = octets[3];
        // After the next hop comes one reserved octet.
        if (!FitsNextHop(family, nextHopBytes) || _value.Length < 4 + nextHopBytes + 1)
            AddRoutesError(BgpUpdateFault.NextHopLength);
        else if (!BgpPrefixes.TryRead(_value[(5 + nextHopBytes)..], family.AddressFamily, out var prefixes))
            AddRoutesError(BgpUpdateFault.Prefixes);
        else
            Reach = new(family, ReadNextHop(octets.Slice(4, nextHopBytes)), prefixes);
    }

    private void ReadUnreach()
    {
        if (FamilyOfRoutes() is not { } family)
            AddRoutesError(BgpUpdateFault.AttributeLength);
        else if (!_context.Speaks(family))
            Add(BgpErrorAction.AttributeDiscard, BgpUpdateFault.FamilyNotNegotiated, _type);
        else if (!BgpPrefixes.TryRead(_value[3..], family.AddressFamily, out var prefixes))
            AddRoutesError(BgpUpdateFault.Prefixes);
        else
            Unreach = new(family, default, prefixes);
    }

    private readonly bool FitsNextHop(BgpFamily family, int bytes) => family == BgpFamily.IPv4Unicast
        ? bytes == 4 || (_context.IPv4OverIPv6 && bytes is 16 or 32)
        : bytes is 16 or 32;

    private static BgpNextHop ReadNextHop(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < 32)
            return new(IpAddress.Read(octets));
        var second = IpAddress.Read(octets[16..]);
        return new(IpAddress.Read(octets[..16]), second.IsLinkLocal ? second : null);
    }

    private readonly BgpFamily? FamilyOfRoutes()
    {
        var octets = _value.Span;
        return octets.Length < 3 ? null : new(BinaryPrimitives.ReadUInt16BigEndian(octets), octets[2]);
    }

    /// <summary>Routes that cannot be found: their family is disabled, or the session is reset when not even that can be read
    /// (RFC 7606 sections 5.3 and 7.11).</summary>
    private void AddRoutesError(BgpUpdateFault fault)
    {
        var notification = BgpNotification.Update(BgpUpdateSubcode.OptionalAttributeError, _whole.ToArray());
        if (FamilyOfRoutes() is not { } family)
            Add(BgpErrorAction.SessionReset, fault, _type, null, notification);
        else if (_context.Speaks(family))
            Add(BgpErrorAction.FamilyDisable, fault, _type, family, notification);
        else
            Add(BgpErrorAction.AttributeDiscard, BgpUpdateFault.FamilyNotNegotiated, _type);
    }

    private bool IsFromInternal()
    {
        if (_context.IsInternal)
            return true;
        Add(BgpErrorAction.AttributeDiscard, BgpUpdateFault.AttributeNotExpected, _type);
        return false;
    }

    private bool HasLength(int length, BgpErrorAction otherwise)
    {
        if (_value.Length == length)
            return true;
        Add(otherwise, BgpUpdateFault.AttributeLength, _type);
        return false;
    }

    private bool IsListOf(int size)
    {
        if (_value.Length > 0 && _value.Length % size == 0)
            return true;
        Add(BgpErrorAction.TreatAsWithdraw, BgpUpdateFault.AttributeLength, _type);
        return false;
    }

    private readonly uint Number() => BinaryPrimitives.ReadUInt32BigEndian(_value.Span);

    private readonly uint[] Numbers()
    {
        var numbers = new uint[_value.Length / 4];
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, uint>(_value.Span), numbers);
        return numbers;
    }

    private readonly ImmutableArray<BgpExtendedCommunity> ReadExtendedCommunities()
    {
        var list = ImmutableArray.CreateBuilder<BgpExtendedCommunity>(_value.Length / BgpExtendedCommunity.SizeBytes);
        for (var reader = new ByteReader(_value.Span); reader.RemainingBytes > 0;)
            list.Add(new(reader.ReadUInt64()));
        return list.MoveToImmutable();
    }

    private readonly ImmutableArray<BgpLargeCommunity> ReadLargeCommunities()
    {
        var list = ImmutableArray.CreateBuilder<BgpLargeCommunity>(_value.Length / BgpLargeCommunity.SizeBytes);
        for (var reader = new ByteReader(_value.Span); reader.RemainingBytes > 0;)
            list.Add(new(reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32()));
        return list.MoveToImmutable();
    }
}
