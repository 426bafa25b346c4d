using System;
using System.Buffers;
using System.Buffers.Binary;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// Writes messages, header included, into a buffer of the caller's, without allocating. UPDATEs are packed by
/// <see cref="BgpUpdateWriter"/>.
/// </summary>
public static class BgpMessageWriter
{
    /// <summary>Writes an OPEN. More capabilities than fit in <see cref="BgpFramer.MostBytes"/> are a programming error and
    /// throw.</summary>
    public static void WriteOpen(IBufferWriter<byte> output, BgpOpen open)
    {
        var length = BgpFramer.HeaderBytes + BgpOpenCodec.BodyBytes(open);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, BgpFramer.MostBytes);
        var message = Begin(output, BgpMessageType.Open, length);
        var writer = new ByteWriter(message[BgpFramer.HeaderBytes..]);
        BgpOpenCodec.Write(ref writer, open);
        output.Advance(length);
    }

    /// <summary>Writes a KEEPALIVE.</summary>
    public static void WriteKeepAlive(IBufferWriter<byte> output)
    {
        Begin(output, BgpMessageType.KeepAlive, BgpFramer.HeaderBytes);
        output.Advance(BgpFramer.HeaderBytes);
    }

    /// <summary>Writes a NOTIFICATION; data that do not fit in <see cref="BgpFramer.MostBytes"/> are cut.</summary>
    public static void WriteNotification(IBufferWriter<byte> output, BgpNotification notification)
    {
        const int FixedBytes = BgpFramer.HeaderBytes + BgpNotification.FixedBytes;
        var data = notification.Data.Span[..Math.Min(notification.Data.Length, BgpFramer.MostBytes - FixedBytes)];
        var message = Begin(output, BgpMessageType.Notification, FixedBytes + data.Length);
        message[BgpFramer.HeaderBytes] = (byte)notification.Code;
        message[BgpFramer.HeaderBytes + 1] = notification.Subcode;
        data.CopyTo(message[FixedBytes..]);
        output.Advance(FixedBytes + data.Length);
    }

    /// <summary>Writes a ROUTE-REFRESH.</summary>
    public static void WriteRouteRefresh(IBufferWriter<byte> output, BgpRouteRefresh refresh)
    {
        const int Length = BgpFramer.HeaderBytes + BgpRouteRefresh.BodyBytes;
        WriteRouteRefresh(Begin(output, BgpMessageType.RouteRefresh, Length), refresh);
        output.Advance(Length);
    }

    /// <summary>Writes a ROUTE-REFRESH into a span of at least 23 octets; returns how many were written.</summary>
    public static int WriteRouteRefresh(Span<byte> message, BgpRouteRefresh refresh)
    {
        const int Length = BgpFramer.HeaderBytes + BgpRouteRefresh.BodyBytes;
        WriteHeader(message, BgpMessageType.RouteRefresh, Length);
        var writer = new ByteWriter(message[BgpFramer.HeaderBytes..]);
        writer.WriteUInt16(refresh.Family.Afi);
        writer.WriteByte((byte)refresh.Kind);
        writer.WriteByte(refresh.Family.Safi);
        return Length;
    }

    /// <summary>Writes marker, length and type into the first 19 octets.</summary>
    internal static void WriteHeader(Span<byte> message, BgpMessageType type, int length)
    {
        message[..BgpFramer.MarkerBytes].Fill(0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(message[BgpFramer.MarkerBytes..], (ushort)length);
        message[BgpFramer.HeaderBytes - 1] = (byte)type;
    }

    private static Span<byte> Begin(IBufferWriter<byte> output, BgpMessageType type, int length)
    {
        var message = output.GetSpan(length)[..length];
        WriteHeader(message, type, length);
        return message;
    }
}
