using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>A ROUTE-REFRESH message (RFC 2918, RFC 7313).</summary>
/// <param name="Family">The routes that are meant; any two numbers may come from a peer.</param>
/// <param name="Kind">Request, begin or end; any octet may come from a peer.</param>
public readonly record struct BgpRouteRefresh(BgpFamily Family, BgpRouteRefreshKind Kind)
{
    /// <summary>Octets behind the header.</summary>
    public const int BodyBytes = 4;

    /// <summary>
    /// Reads what follows the header. Octets behind the fourth, as outbound route filters have them, are refused in a mark of begin or end
    /// (RFC 7313 section 5) and otherwise passed over, since that capability is never offered.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out BgpRouteRefresh message, out BgpNotification? error)
    {
        var reader = new ByteReader(body);
        var afi = reader.ReadUInt16();
        var kind = (BgpRouteRefreshKind)reader.ReadByte();
        message = new(new(afi, reader.ReadByte()), kind);
        var isMark = kind is BgpRouteRefreshKind.Begin or BgpRouteRefreshKind.End;
        error = reader.Failed || (isMark && reader.RemainingBytes > 0)
            ? BgpNotification.RouteRefresh(BgpRouteRefreshSubcode.InvalidMessageLength, WholeMessage(body))
            : null;
        return error is null;
    }

    private static byte[] WholeMessage(ReadOnlySpan<byte> body)
    {
        var message = new byte[BgpFramer.HeaderBytes + body.Length];
        BgpMessageWriter.WriteHeader(message, BgpMessageType.RouteRefresh, message.Length);
        body.CopyTo(message.AsSpan(BgpFramer.HeaderBytes));
        return message;
    }
}
