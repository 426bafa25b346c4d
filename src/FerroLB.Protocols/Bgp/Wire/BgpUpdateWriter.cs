using System;
using System.Buffers.Binary;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// Packs prefixes into one UPDATE, as many as fit:
/// <code>
/// var update = BgpUpdateWriter.Announce(buffer, family, nextHop, attributeOctets);
/// while (more &amp;&amp; update.TryAdd(prefix)) ...
/// var length = update.Finish();
/// </code>
/// IPv4 prefixes with an IPv4 next hop use the NLRI field, all others MP_REACH_NLRI, which comes first (RFC 7606 section 5.1).
/// </summary>
public ref struct BgpUpdateWriter
{
    private const int MpHeadBytes = 4;
    private readonly Span<byte> _message;
    private readonly AddressFamily _family;
    private readonly int _lengthAt;
    private readonly int _mpLengthAt;
    private readonly ReadOnlySpan<byte> _attributesBehind;
    private readonly int _most;
    private int _written;

    private BgpUpdateWriter(
        Span<byte> message, BgpFamily family, int written, int lengthAt, int mpLengthAt, ReadOnlySpan<byte> attributesBehind, int trailer)
    {
        _message = message;
        _family = family.AddressFamily;
        _lengthAt = lengthAt;
        _mpLengthAt = mpLengthAt;
        _attributesBehind = attributesBehind;
        _written = written;
        _most = message.Length - attributesBehind.Length - trailer;
    }

    /// <summary>The most octets that an UPDATE needs beside the attributes, for one prefix of either family with any next hop.</summary>
    public const int OverheadBytes = BgpFramer.HeaderBytes + 4 + MpHeadBytes + 4 + 32 + 1 + 17;

    /// <summary>How many prefixes are in.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Begins an UPDATE that advertises.
    /// </summary>
    /// <param name="message">Where to write: its length is the longest message that the peer reads. It must hold the attributes and
    /// <see cref="OverheadBytes"/>.</param>
    /// <param name="family">IPv4 or IPv6 unicast.</param>
    /// <param name="nextHop">The next hop. Of IPv4 prefixes with an IPv4 one it must be in the attributes, too.</param>
    /// <param name="attributes">What <see cref="BgpAttributeWriter.Write"/> wrote.</param>
    public static BgpUpdateWriter Announce(Span<byte> message, BgpFamily family, in BgpNextHop nextHop, ReadOnlySpan<byte> attributes)
    {
        var at = BgpFramer.HeaderBytes;
        BinaryPrimitives.WriteUInt16BigEndian(message[at..], 0);
        at += 4;
        if (UsesNlriField(family, nextHop))
        {
            BinaryPrimitives.WriteUInt16BigEndian(message[(at - 2)..], (ushort)attributes.Length);
            attributes.CopyTo(message[at..]);
            return new(message, family, at + attributes.Length, lengthAt: 0, mpLengthAt: 0, [], 0);
        }
        var mpLengthAt = WriteMpHead(message[at..], BgpAttributeType.MpReachNlri, family) + at;
        at += MpHeadBytes + 3;
        message[at++] = (byte)nextHop.SizeBytes;
        nextHop.Address.Write(message[at..]);
        at += nextHop.Address.SizeBytes;
        if (nextHop.LinkLocal is { } second)
        {
            second.Write(message[at..]);
            at += second.SizeBytes;
        }
        message[at++] = 0;
        return new(message, family, at, BgpFramer.HeaderBytes + 2, mpLengthAt, attributes, 0);
    }

    /// <summary>
    /// Begins an UPDATE that withdraws.
    /// </summary>
    /// <param name="message">Where to write, as for <see cref="Announce"/>.</param>
    /// <param name="family">IPv4 or IPv6 unicast.</param>
    /// <param name="asMultiProtocol">Whether IPv4 prefixes go into MP_UNREACH_NLRI, as those that were announced in MP_REACH_NLRI
    /// do.</param>
    public static BgpUpdateWriter Withdraw(Span<byte> message, BgpFamily family, bool asMultiProtocol)
    {
        const int At = BgpFramer.HeaderBytes;
        if (family == BgpFamily.IPv4Unicast && !asMultiProtocol)
            return new(message, family, At + 2, lengthAt: At, mpLengthAt: 0, [], trailer: 2);
        BinaryPrimitives.WriteUInt16BigEndian(message[At..], 0);
        var mpLengthAt = WriteMpHead(message[(At + 4)..], BgpAttributeType.MpUnreachNlri, family) + At + 4;
        return new(message, family, At + 4 + MpHeadBytes + 3, At + 2, mpLengthAt, [], 0);
    }

    /// <summary>Writes the mark that a family's table is complete (RFC 4724 section 2); returns its length.</summary>
    public static int WriteEndOfRib(Span<byte> message, BgpFamily family)
    {
        if (family == BgpFamily.IPv4Unicast)
        {
            message[BgpFramer.HeaderBytes..(BgpFramer.HeaderBytes + 4)].Clear();
            BgpMessageWriter.WriteHeader(message, BgpMessageType.Update, BgpFramer.HeaderBytes + 4);
            return BgpFramer.HeaderBytes + 4;
        }
        var writer = new ByteWriter(message[BgpFramer.HeaderBytes..]);
        writer.WriteUInt16(0);
        writer.WriteUInt16(6);
        writer.WriteByte(0x80);
        writer.WriteByte((byte)BgpAttributeType.MpUnreachNlri);
        writer.WriteByte(3);
        writer.WriteUInt16(family.Afi);
        writer.WriteByte(family.Safi);
        var length = BgpFramer.HeaderBytes + writer.WrittenBytes;
        BgpMessageWriter.WriteHeader(message, BgpMessageType.Update, length);
        return length;
    }

    /// <summary>Whether prefixes go into the NLRI field; otherwise into MP_REACH_NLRI.</summary>
    public static bool UsesNlriField(BgpFamily family, in BgpNextHop nextHop) =>
        family == BgpFamily.IPv4Unicast && nextHop.Address.IsIPv4;

    /// <summary>Adds a prefix of the family; false when the message is full.</summary>
    public bool TryAdd(in IpPrefix prefix)
    {
        var bits = prefix.Length;
        var bytes = bits + 7 >> 3;
        if (_written + 1 + bytes > _most)
            return false;
        var target = _message[_written..];
        target[0] = (byte)bits;
        if (_family == AddressFamily.IPv4)
            WriteIPv4(target[1..], (uint)prefix.First.Value, bytes);
        else
            WriteIPv6(target[1..], prefix.First, bytes);
        _written += 1 + bytes;
        Count++;
        return true;
    }

    /// <summary>Completes the message and returns its length. Without a prefix it would be of no use: 0.</summary>
    public int Finish()
    {
        if (Count == 0)
            return 0;
        if (_mpLengthAt > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_message[_mpLengthAt..], (ushort)(_written - _mpLengthAt - 2));
            _attributesBehind.CopyTo(_message[_written..]);
            _written += _attributesBehind.Length;
            BinaryPrimitives.WriteUInt16BigEndian(_message[_lengthAt..], (ushort)(_written - _lengthAt - 2));
        }
        else if (_lengthAt > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_message[_lengthAt..], (ushort)(_written - _lengthAt - 2));
            BinaryPrimitives.WriteUInt16BigEndian(_message[_written..], 0);
            _written += 2;
        }
        BgpMessageWriter.WriteHeader(_message, BgpMessageType.Update, _written);
        return _written;
    }

    /// <summary>Writes flags, type, a length to be filled in, and the family; returns where the length is.</summary>
    private static int WriteMpHead(Span<byte> output, BgpAttributeType type, BgpFamily family)
    {
        var writer = new ByteWriter(output);
        writer.WriteByte(0x90);
        writer.WriteByte((byte)type);
        writer.WriteUInt16(0);
        writer.WriteUInt16(family.Afi);
        writer.WriteByte(family.Safi);
        return 2;
    }

    private static void WriteIPv4(Span<byte> target, uint value, int bytes)
    {
        if (bytes == 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(target, value);
            return;
        }
        for (var i = 0; i < bytes; i++)
            target[i] = (byte)(value >> (24 - 8 * i) & 0xFF);
    }

    private static void WriteIPv6(Span<byte> target, IpAddress address, int bytes)
    {
        Span<byte> octets = stackalloc byte[16];
        address.Write(octets);
        octets[..bytes].CopyTo(target);
    }
}
