using System;
using System.Buffers.Binary;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// Cuts the octets of a connection into messages, wherever TCP cut them (RFC 4271 sections 4.1 and 6.1). This is how octets become values:
/// <code>
/// framer.Append(octets);
/// while (framer.TryTake(out var frame))          // header checked, body untouched
///     switch (frame.Type)
///         case Open:         BgpOpen.TryRead(frame.Body.Span, out var open, out var error)       then open.Check(rules)
///         case Update:       BgpUpdate.Read(frame.Body, context)                                 values and a list of errors
///         case Notification: BgpNotification.Read(frame.Body.Span)
///         case RouteRefresh: BgpRouteRefresh.TryRead(frame.Body.Span, out var refresh, out var error)
/// if (framer.Error is { } fatal) ...             // send it and close: the stream makes no sense from here on
/// </code>
/// Nothing in this folder throws, whatever the octets are, and reading copies no prefix and no attribute until somebody asks for its value.
/// Take all messages after each append: then the framer holds at most one unfinished message beside what was appended last.
/// </summary>
public sealed class BgpFramer
{
    /// <summary>Octets of a header: marker, length, type.</summary>
    public const int HeaderBytes = 19;

    /// <summary>The longest message, header included (RFC 4271 section 4.1).</summary>
    public const int MostBytes = 4096;

    /// <summary>The longest message when both sides offered it (RFC 8654).</summary>
    public const int MostExtendedBytes = 65535;

    /// <summary>Octets of the marker.</summary>
    public const int MarkerBytes = 16;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private bool _isHeaderChecked;

    /// <summary>Whether UPDATE, NOTIFICATION and ROUTE-REFRESH may have up to <see cref="MostExtendedBytes"/> (RFC 8654). Set it between
    /// two messages, when the peer's OPEN was read.</summary>
    public bool AllowsExtendedMessages { get; set; }

    /// <summary>The NOTIFICATION to send when a header was wrong; nothing more is taken then. Null while all is well.</summary>
    public BgpNotification? Error { get; private set; }

    /// <summary>Octets held that belong to no message taken yet.</summary>
    public int PendingBytes => _end - _start;

    /// <summary>Adds octets in the order in which they came. Frames taken before are invalid from here on.</summary>
    public void Append(ReadOnlySpan<byte> octets)
    {
        if (Error is not null)
            return;
        MakeRoom(octets.Length);
        octets.CopyTo(_buffer.AsSpan(_end));
        _end += octets.Length;
    }

    /// <summary>Takes the next message when all of it is there; false when it is not, or when <see cref="Error"/> is set.</summary>
    public bool TryTake(out BgpFrame frame)
    {
        frame = default;
        var octets = _buffer.AsSpan(_start, _end - _start);
        if (Error is not null || octets.Length < HeaderBytes)
            return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(octets[MarkerBytes..]);
        var type = (BgpMessageType)octets[MarkerBytes + 2];
        if (!_isHeaderChecked)
        {
            Error = ErrorOf(octets[..MarkerBytes], length, type);
            if (Error is not null)
                return false;
            _isHeaderChecked = true;
        }
        if (octets.Length < length)
            return false;
        frame = new(type, _buffer.AsMemory(_start + HeaderBytes, length - HeaderBytes));
        _start += length;
        _isHeaderChecked = false;
        return true;
    }

    /// <summary>Forgets everything, for another connection.</summary>
    public void Reset()
    {
        _start = _end = 0;
        _buffer = [];
        _isHeaderChecked = false;
        Error = null;
        AllowsExtendedMessages = false;
    }

    private BgpNotification? ErrorOf(ReadOnlySpan<byte> marker, ushort length, BgpMessageType type)
    {
        if (marker.ContainsAnyExcept((byte)0xFF))
            return BgpNotification.Header(BgpHeaderSubcode.ConnectionNotSynchronized);
        if (length < HeaderBytes || length > (AllowsExtendedMessages ? MostExtendedBytes : MostBytes))
            return BadLength(length);
        var fits = type switch
        {
            BgpMessageType.Open => length is >= 29 and <= MostBytes,
            BgpMessageType.Update => length >= 23,
            BgpMessageType.Notification => length >= 21,
            BgpMessageType.KeepAlive => length == HeaderBytes,
            BgpMessageType.RouteRefresh => length >= 23,
            _ => false,
        };
        if (fits)
            return null;
        return type is >= BgpMessageType.Open and <= BgpMessageType.RouteRefresh
            ? BadLength(length)
            : BgpNotification.Header(BgpHeaderSubcode.BadMessageType, (byte[])[(byte)type]);
    }

    private static BgpNotification BadLength(ushort length) =>
        BgpNotification.Header(BgpHeaderSubcode.BadMessageLength, (byte[])[(byte)(length >> 8), (byte)(length & 0xFF)]);

    private void MakeRoom(int count)
    {
        var held = _end - _start;
        if (_end + count <= _buffer.Length && held > 0)
            return;
        var target = _buffer;
        if (held + count > _buffer.Length)
            target = new byte[Math.Max(held + count, Math.Min(MostExtendedBytes, 2 * _buffer.Length))];
        _buffer.AsSpan(_start, held).CopyTo(target);
        _buffer = target;
        _start = 0;
        _end = held;
    }
}
