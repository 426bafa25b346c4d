using System;
using System.Buffers;
using System.Buffers.Binary;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// Octets of a BGP peer. The low three bits of the first octet of an input say whether the rest is a stream with headers (0, cut in pieces)
/// or the body of a message of that type; the other bits say what was agreed upon. What was read and found sound must be read again from
/// what is written.
/// </summary>
public sealed class BgpFuzzTarget : IFuzzTarget
{
    private const int TypeMask = 7;

    private readonly ArrayBufferWriter<byte> _written = new(BgpFramer.MostExtendedBytes);
    private long _count;

    /// <inheritdoc/>
    public ReadOnlySpan<string> Vocabulary => [];

    /// <inheritdoc/>
    public byte[] Sample(SeededRandom random)
    {
        var flags = (byte)(random.Next(32) << 3);
        var message = SampleMessage(random, (flags & 8) != 0);
        return random.Chance(0.2) ? [flags, .. message] : [(byte)(flags | message[18]), .. message.AsSpan(BgpFramer.HeaderBytes)];
    }

    /// <inheritdoc/>
    public long AllocationLimit(int inputBytes) => 65_536 + 256L * inputBytes;

    /// <inheritdoc/>
    public string? Try(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty)
            return null;
        var flags = input.Span[0];
        var type = (BgpMessageType)(flags & TypeMask);
        return type == 0 ? TryStream(input[1..].Span, flags) : TryBody(new(type, input[1..]), flags);
    }

    private static BgpUpdateContext ContextOf(byte flags) => new()
    {
        FourOctetAs = (flags & 8) != 0,
        IsInternal = (flags & 16) != 0,
        IPv4Unicast = (flags & 32) == 0,
        IPv6Unicast = true,
        IPv4OverIPv6 = (flags & 64) != 0,
        FirstAsn = (flags & 128) != 0 ? 64513 : null,
    };

    /// <summary>A well-formed message, header included.</summary>
    internal static byte[] SampleMessage(SeededRandom random, bool fourOctetAs)
    {
        var output = new ArrayBufferWriter<byte>();
        switch (random.Next(6))
        {
            case 0:
                BgpMessageWriter.WriteOpen(output, SampleOpen(random));
                break;
            case 1:
                var text = random.Chance(0.5) ? "back at noon" : "";
                BgpMessageWriter.WriteNotification(output, BgpNotification.Cease((BgpCeaseSubcode)random.Next(11), text));
                break;
            case 2:
                BgpMessageWriter.WriteRouteRefresh(output, new(BgpFamily.IPv6Unicast, (BgpRouteRefreshKind)random.Next(3)));
                break;
            default:
                return SampleUpdate(random, fourOctetAs);
        }
        return output.WrittenSpan.ToArray();
    }

    private static BgpOpen SampleOpen(SeededRandom random) => BgpOpen.Of(
        random.Chance(0.5) ? 64513 : 4_200_000_000,
        (ushort)(random.Next(4) * 30),
        (uint)random.Next(1000),
        [
            new BgpCapability.MultiProtocol(BgpFamily.IPv4Unicast),
            new BgpCapability.RouteRefresh(),
            new BgpCapability.ExtendedNextHop([BgpNextHopEncoding.IPv4OverIPv6]),
            new BgpCapability.GracefulRestart(random.Chance(0.5), true, 120, [new(BgpFamily.IPv6Unicast, true)]),
            new BgpCapability.Unrecognized(73, new byte[random.Next(4) * 80]),
        ]);

    private static byte[] SampleUpdate(SeededRandom random, bool fourOctetAs)
    {
        var attributes = new BgpAttributes
        {
            Origin = BgpOrigin.Igp,
            AsPath = BgpAsPath.Of(64513, random.Chance(0.5) ? 70_000u : 7),
            MultiExitDisc = random.Chance(0.5) ? 5 : null,
            LocalPref = random.Chance(0.5) ? 5 : null,
            IsAtomicAggregate = random.Chance(0.3),
            Aggregator = random.Chance(0.3) ? new(70_000, IpAddress.V4(1)) : null,
            Communities = random.Chance(0.5) ? [BgpCommunity.NoExport, BgpCommunity.Of(1, 2)] : [],
            ExtendedCommunities = random.Chance(0.3) ? [BgpExtendedCommunity.LinkBandwidth(1, 2)] : [],
            LargeCommunities = random.Chance(0.3) ? [new(1, 2, 3)] : [],
            Unknown = random.Chance(0.3) ? [new(0xC0, 99, new byte[] { 1, 2 })] : [],
        };
        var buffer = new byte[BgpFramer.MostBytes];
        if (random.Chance(0.1))
            return buffer[..BgpUpdateWriter.WriteEndOfRib(buffer, BgpFamily.IPv6Unicast)];
        var family = random.Chance(0.5) ? BgpFamily.IPv4Unicast : BgpFamily.IPv6Unicast;
        var hop = new BgpNextHop(family == BgpFamily.IPv4Unicast ? IpAddress.V4(1) : IpAddress.V6(1));
        var octets = new byte[BgpAttributeWriter.SizeBytes(attributes, hop.Address.IsIPv4, fourOctetAs)];
        BgpAttributeWriter.Write(octets, attributes, hop.Address.IsIPv4 ? hop.Address : null, fourOctetAs);
        var update = random.Chance(0.7)
            ? BgpUpdateWriter.Announce(buffer, family, hop, octets)
            : BgpUpdateWriter.Withdraw(buffer, family, random.Chance(0.5));
        for (var i = random.Next(5); i >= 0; i--)
            update.TryAdd(new(IpAddress.From(family.AddressFamily, (UInt128)i << 20), 12 + random.Next(20)));
        return buffer[..update.Finish()];
    }

    private string? TryStream(ReadOnlySpan<byte> stream, byte flags)
    {
        var framer = new BgpFramer { AllowsExtendedMessages = (flags & 128) != 0 };
        for (var size = 1 + (flags >> 3); !stream.IsEmpty; stream = stream[Math.Min(size, stream.Length)..])
        {
            framer.Append(stream[..Math.Min(size, stream.Length)]);
            while (framer.TryTake(out var frame))
            {
                if (TryBody(frame, flags) is { } fault)
                    return fault;
            }
            if (framer.Error is { Code: not BgpErrorCode.MessageHeader } error)
                return $"the framer blames {error}";
        }
        return null;
    }

    private string? TryBody(BgpFrame frame, byte flags)
    {
        _written.ResetWrittenCount();
        switch (frame.Type)
        {
            case BgpMessageType.Open:
                return TryOpen(frame.Body.Span);
            case BgpMessageType.Update:
                return TryUpdate(frame.Body, ContextOf(flags));
            case BgpMessageType.Notification:
                var notification = BgpNotification.Read(frame.Body.Span);
                _count += notification.ToString().Length;
                BgpMessageWriter.WriteNotification(_written, notification);
                return null;
            case BgpMessageType.RouteRefresh:
                var isRead = BgpRouteRefresh.TryRead(frame.Body.Span, out _, out var error);
                return isRead == error is null ? null : "refused without a reason";
            default:
                return null;
        }
    }

    private string? TryOpen(ReadOnlySpan<byte> body)
    {
        if (!BgpOpen.TryRead(body, out var open, out var error))
            return error is { Code: BgpErrorCode.OpenMessage } ? null : "refused without a reason";
        var rules = new BgpOpenRules { LocalAsn = 64512, LocalIdentifier = 1, PeerAs = BgpPeerAs.External };
        _count += open!.Check(rules) is null ? 1 : 0;
        _count += BgpNegotiated.From(open, open).MostMessageBytes;
        if (open.Version != BgpOpen.BgpVersion)
            return null;
        BgpMessageWriter.WriteOpen(_written, open);
        var again = BgpOpen.TryRead(_written.WrittenSpan[BgpFramer.HeaderBytes..], out var second, out _) ? second : null;
        return again is not null && again.Asn == open.Asn && again.Capabilities.Length == open.Capabilities.Length
            ? null
            : "the OPEN is not what it was after writing it";
    }

    private string? TryUpdate(ReadOnlyMemory<byte> body, in BgpUpdateContext context)
    {
        var update = BgpUpdate.Read(body, context);
        if ((update.Action == BgpErrorAction.None) != (update.Errors.Count == 0) || update.Errors.Count > 16)
            return $"{update.Action} with {update.Errors.Count} errors";
        if ((update.Action >= BgpErrorAction.FamilyDisable) != (update.Decisive?.Notification is not null))
            return $"{update.Action} without a NOTIFICATION, or one for nothing";
        var attributes = update.ReadAttributes();
        if (CountOf(update.Withdrawn) + CountOf(update.Announced) + CountOf(update.Reach?.Prefixes ?? default) < 0)
            return "fewer prefixes than none";
        if (update.Action != BgpErrorAction.None || !context.FourOctetAs)
            return null;
        var octets = new byte[4 + BgpAttributeWriter.SizeBytes(attributes, false, true)];
        var length = BgpAttributeWriter.Write(octets.AsSpan(4), attributes, null, true);
        if (length != octets.Length - 4)
            return $"the attributes need {length} octets, not {octets.Length - 4}";
        if (length > ushort.MaxValue)
            return null;
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(2), (ushort)length);
        return BgpUpdate.Read(octets, context).ReadAttributes().Equals(attributes) ? null : "the attributes are not what they were";
    }

    private static int CountOf(in BgpPrefixes prefixes)
    {
        var count = 0;
        foreach (var prefix in prefixes)
            count += prefix.Length >= 0 ? 1 : 0;
        return count == prefixes.Count ? count : int.MinValue / 4;
    }
}
