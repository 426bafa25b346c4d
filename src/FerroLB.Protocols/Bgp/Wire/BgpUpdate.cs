using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// An UPDATE as it was read (RFC 4271 section 4.3, RFC 4760), together with all that is wrong with it (RFC 7606). Prefixes and attributes
/// lie in the message's octets and are valid as long as those are.
/// </summary>
/// <remarks>
/// A receiver first looks at <see cref="Action"/>. <see cref="BgpErrorAction.TreatAsWithdraw"/> means that <see cref="Announced"/> and
/// <see cref="Reach"/> count as withdrawn; what is in <see cref="Withdrawn"/> and <see cref="Unreach"/> always does.
/// </remarks>
public readonly struct BgpUpdate
{
    private const int LengthFieldsBytes = 4;
    private static readonly BgpUpdateError[] NoErrors = [];

    private readonly ReadOnlyMemory<byte> _attributes;
    private readonly BgpUpdateContext _context;

    private BgpUpdate(ReadOnlyMemory<byte> attributes, BgpUpdateContext context)
    {
        _attributes = attributes;
        _context = context;
        Errors = NoErrors;
    }

    /// <summary>IPv4 prefixes of the Withdrawn Routes field.</summary>
    public BgpPrefixes Withdrawn { get; private init; }

    /// <summary>IPv4 prefixes of the NLRI field.</summary>
    public BgpPrefixes Announced { get; private init; }

    /// <summary>The next hop of <see cref="Announced"/>; null when absent or malformed.</summary>
    public IpAddress? NextHop { get; private init; }

    /// <summary>MP_REACH_NLRI; null when absent, malformed, or of a family that was not agreed upon.</summary>
    public BgpMultiProtocol? Reach { get; private init; }

    /// <summary>MP_UNREACH_NLRI; null when absent, malformed, or of a family that was not agreed upon.</summary>
    public BgpMultiProtocol? Unreach { get; private init; }

    /// <summary>The family whose initial table, or table after a restart, is complete (RFC 4724 section 2); null for any other
    /// UPDATE.</summary>
    public BgpFamily? EndOfRib { get; private init; }

    /// <summary>All that is wrong, at most 16 errors in the order found; more of them still count in <see cref="Action"/>.</summary>
    public IReadOnlyList<BgpUpdateError> Errors { get; private init; }

    /// <summary>The strongest action that an error demands (RFC 7606 section 3 h).</summary>
    public BgpErrorAction Action { get; private init; }

    /// <summary>The first error that demands <see cref="Action"/>; null when nothing is wrong.</summary>
    public BgpUpdateError? Decisive
    {
        get
        {
            foreach (var error in Errors)
            {
                if (error.Action == Action)
                    return error;
            }
            return null;
        }
    }

    /// <summary>Reads what follows the header. Any octets are taken; what is wrong with them is in <see cref="Errors"/>.</summary>
    public static BgpUpdate Read(ReadOnlyMemory<byte> body, in BgpUpdateContext context)
    {
        if (!TrySplit(body, out var withdrawnOctets, out var attributes, out var announcedOctets))
            return Reset(attributes, context, BgpUpdateFault.LengthsContradict, BgpUpdateSubcode.MalformedAttributeList);
        if (!BgpPrefixes.TryRead(withdrawnOctets, AddressFamily.IPv4, out var withdrawn) ||
            !BgpPrefixes.TryRead(announcedOctets, AddressFamily.IPv4, out var announced))
            return Reset(attributes, context, BgpUpdateFault.Prefixes, BgpUpdateSubcode.InvalidNetworkField);
        var parser = new BgpAttributeParser(context, null);
        if (!context.IPv4Unicast && (withdrawn.Count | announced.Count) != 0)
        {
            parser.Add(BgpErrorAction.AttributeDiscard, BgpUpdateFault.FamilyNotNegotiated, BgpAttributeType.None);
            withdrawn = announced = default;
        }
        parser.Parse(attributes);
        AddMissing(ref parser, announced.Count > 0);
        AddNothingToWithdraw(ref parser, !announcedOctets.IsEmpty);
        return new(attributes, context)
        {
            Withdrawn = withdrawn,
            Announced = announced,
            NextHop = parser.NextHop,
            Reach = parser.Reach,
            Unreach = parser.Unreach,
            Errors = parser.Errors ?? (IReadOnlyList<BgpUpdateError>)NoErrors,
            Action = parser.Action,
            EndOfRib = body.Length == LengthFieldsBytes ? EndOfIPv4(context) : EndOfRibOf(parser, withdrawnOctets, announcedOctets),
        };
    }

    /// <summary>The values of the attributes, as far as they are not malformed. Reads them anew each time.</summary>
    public BgpAttributes ReadAttributes()
    {
        var values = new BgpAttributeValues();
        new BgpAttributeParser(_context, values).Parse(_attributes);
        return values.ToAttributes();
    }

    private static bool TrySplit(
        ReadOnlyMemory<byte> body,
        out ReadOnlyMemory<byte> withdrawn,
        out ReadOnlyMemory<byte> attributes,
        out ReadOnlyMemory<byte> announced)
    {
        withdrawn = attributes = announced = default;
        var span = body.Span;
        if (span.Length < LengthFieldsBytes)
            return false;
        int withdrawnBytes = BinaryPrimitives.ReadUInt16BigEndian(span);
        if (withdrawnBytes + LengthFieldsBytes > span.Length)
            return false;
        int attributeBytes = BinaryPrimitives.ReadUInt16BigEndian(span[(2 + withdrawnBytes)..]);
        if (withdrawnBytes + attributeBytes + LengthFieldsBytes > span.Length)
            return false;
        withdrawn = body.Slice(2, withdrawnBytes);
        attributes = body.Slice(LengthFieldsBytes + withdrawnBytes, attributeBytes);
        announced = body[(LengthFieldsBytes + withdrawnBytes + attributeBytes)..];
        return true;
    }

    private static BgpUpdate Reset(
        ReadOnlyMemory<byte> attributes, in BgpUpdateContext context, BgpUpdateFault fault, BgpUpdateSubcode subcode) =>
        new(attributes, context)
        {
            Action = BgpErrorAction.SessionReset,
            Errors =
            [
                new(BgpErrorAction.SessionReset, fault, BgpAttributeType.None, null, BgpNotification.Update(subcode)),
            ],
        };

    /// <summary>Attributes without which a route is none (RFC 7606 section 3 d).</summary>
    private static void AddMissing(ref BgpAttributeParser parser, bool hasAnnounced)
    {
        if (!hasAnnounced && parser.Reach is not { Prefixes.IsEmpty: false })
            return;
        AddIfMissing(ref parser, BgpAttributeType.Origin);
        AddIfMissing(ref parser, BgpAttributeType.AsPath);
        if (hasAnnounced)
            AddIfMissing(ref parser, BgpAttributeType.NextHop);
    }

    private static void AddIfMissing(ref BgpAttributeParser parser, BgpAttributeType type)
    {
        if (!parser.Has(type))
            parser.Add(BgpErrorAction.TreatAsWithdraw, BgpUpdateFault.AttributeMissing, type);
    }

    /// <summary>An error in attributes beside which no route is found leaves it open what to withdraw (RFC 7606 section 5.2).</summary>
    private static void AddNothingToWithdraw(ref BgpAttributeParser parser, bool hasAnnounced)
    {
        if (parser.Action is not BgpErrorAction.TreatAsWithdraw || hasAnnounced || parser.ReachesOtherFamily ||
            parser.Reach is { Prefixes.IsEmpty: false })
            return;
        parser.Add(
            BgpErrorAction.SessionReset,
            BgpUpdateFault.NothingToWithdraw,
            BgpAttributeType.None,
            null,
            BgpNotification.Update(BgpUpdateSubcode.MalformedAttributeList));
    }

    private static BgpFamily? EndOfIPv4(in BgpUpdateContext context) => context.IPv4Unicast ? BgpFamily.IPv4Unicast : null;

    private static BgpFamily? EndOfRibOf(in BgpAttributeParser parser, ReadOnlyMemory<byte> withdrawn, ReadOnlyMemory<byte> announced) =>
        parser is { Count: 1, Unreach: { Prefixes.IsEmpty: true } unreach } && withdrawn.IsEmpty && announced.IsEmpty
            ? unreach.Family
            : null;
}
