using System;
using System.Text;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// A NOTIFICATION (RFC 4271 section 4.5): why a session ends. Any octets make one, so reading never fails.
/// </summary>
/// <param name="Code">The error code; any octet may come from a peer.</param>
/// <param name="Subcode">What exactly, by the code; 0 for nothing more.</param>
/// <param name="Data">Diagnostic octets, by the code and subcode.</param>
public sealed record BgpNotification(BgpErrorCode Code, byte Subcode, ReadOnlyMemory<byte> Data)
{
    /// <summary>Octets of code and subcode.</summary>
    public const int FixedBytes = 2;

    /// <summary>The most octets of a shutdown communication (RFC 9003).</summary>
    public const int MostTextBytes = 255;

    /// <summary>The hold timer expired (RFC 4271 section 6.5).</summary>
    public static readonly BgpNotification HoldTimerExpired = new(BgpErrorCode.HoldTimerExpired, 0, default);

    /// <summary>The send hold timer expired (RFC 9687).</summary>
    public static readonly BgpNotification SendHoldTimerExpired = new(BgpErrorCode.SendHoldTimerExpired, 0, default);

    /// <summary>A header error.</summary>
    public static BgpNotification Header(BgpHeaderSubcode subcode, ReadOnlyMemory<byte> data = default) =>
        new(BgpErrorCode.MessageHeader, (byte)subcode, data);

    /// <summary>An OPEN error.</summary>
    public static BgpNotification Open(BgpOpenSubcode subcode, ReadOnlyMemory<byte> data = default) =>
        new(BgpErrorCode.OpenMessage, (byte)subcode, data);

    /// <summary>An UPDATE error.</summary>
    public static BgpNotification Update(BgpUpdateSubcode subcode, ReadOnlyMemory<byte> data = default) =>
        new(BgpErrorCode.UpdateMessage, (byte)subcode, data);

    /// <summary>A message that the state does not allow.</summary>
    public static BgpNotification Fsm(BgpFsmSubcode subcode) => new(BgpErrorCode.FiniteStateMachine, (byte)subcode, default);

    /// <summary>A ROUTE-REFRESH error.</summary>
    public static BgpNotification RouteRefresh(BgpRouteRefreshSubcode subcode, ReadOnlyMemory<byte> data) =>
        new(BgpErrorCode.RouteRefreshMessage, (byte)subcode, data);

    /// <summary>The end without an error.</summary>
    public static BgpNotification Cease(BgpCeaseSubcode subcode) => new(BgpErrorCode.Cease, (byte)subcode, default);

    /// <summary>
    /// The end with a text for the peer's operator (RFC 9003), which is cut at <see cref="MostTextBytes"/> octets of UTF-8, between
    /// characters. Only <see cref="BgpCeaseSubcode.AdministrativeShutdown"/> and <see cref="BgpCeaseSubcode.AdministrativeReset"/> carry
    /// one; with another subcode, or an empty text, there is none.
    /// </summary>
    public static BgpNotification Cease(BgpCeaseSubcode subcode, string text)
    {
        if (text.Length == 0 || !CarriesText(subcode))
            return Cease(subcode);
        Span<byte> octets = stackalloc byte[MostTextBytes];
        Encoder encoder = Encoding.UTF8.GetEncoder();
        encoder.Convert(text, octets, flush: false, out _, out var used, out _);
        return new(BgpErrorCode.Cease, (byte)subcode, (byte[])[(byte)used, .. octets[..used]]);
    }

    /// <summary>The end in spite of graceful restart (RFC 8538 section 3.1), with the real reason inside.</summary>
    public static BgpNotification HardReset(BgpNotification reason) =>
        new(
            BgpErrorCode.Cease,
            (byte)BgpCeaseSubcode.HardReset,
            (byte[])[(byte)reason.Code, reason.Subcode, .. reason.Data.Span]);

    /// <summary>Reads what follows the header; missing octets count as 0. The data are copied.</summary>
    public static BgpNotification Read(ReadOnlySpan<byte> body) =>
        new(
            (BgpErrorCode)(body.Length > 0 ? body[0] : 0),
            body.Length > 1 ? body[1] : (byte)0,
            body.Length > FixedBytes ? body[FixedBytes..].ToArray() : default);

    /// <summary>Whether the session ends for one reason of Cease.</summary>
    public bool IsCease(BgpCeaseSubcode subcode) => Code == BgpErrorCode.Cease && Subcode == (byte)subcode;

    /// <summary>The real reason inside a hard reset (RFC 8538); null for anything else.</summary>
    public BgpNotification? Enclosed =>
        IsCease(BgpCeaseSubcode.HardReset) && Data.Length >= FixedBytes ? Read(Data.Span) : null;

    /// <summary>
    /// The text for the operator (RFC 9003), also inside a hard reset; null when there is none. Octets that are no UTF-8 and control
    /// characters are replaced by U+FFFD, so it can be shown.
    /// </summary>
    public string? Text
    {
        get
        {
            if (IsCease(BgpCeaseSubcode.HardReset))
                return Enclosed is { } reason && !reason.IsCease(BgpCeaseSubcode.HardReset) ? reason.Text : null;
            if (Code != BgpErrorCode.Cease || !CarriesText((BgpCeaseSubcode)Subcode) || Data.Length < 2)
                return null;
            var octets = Data.Span;
            return octets[0] == 0 || octets[0] > octets.Length - 1 ? null : Printable(Encoding.UTF8.GetString(octets.Slice(1, octets[0])));
        }
    }

    /// <inheritdoc/>
    public bool Equals(BgpNotification? other) =>
        other is not null && Code == other.Code && Subcode == other.Subcode && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Code << 16 | Subcode << 8 | (Data.Length & 0xFF);

    /// <summary>The names of code and subcode as the standards have them, and the text if there is one.</summary>
    public override string ToString()
    {
        var name = BgpNotificationText.Of(Code, Subcode);
        if (Enclosed is { } reason)
            return $"{name} ({(reason.IsCease(BgpCeaseSubcode.HardReset) ? BgpNotificationText.Of(reason.Code, reason.Subcode) : reason)})";
        return Text is { } text ? $"{name}: \"{text}\"" : name;
    }

    private static bool CarriesText(BgpCeaseSubcode subcode) =>
        subcode is BgpCeaseSubcode.AdministrativeShutdown or BgpCeaseSubcode.AdministrativeReset;

    private static string Printable(string text) => string.Create(text.Length, text, static (chars, source) =>
    {
        for (var i = 0; i < chars.Length; i++)
            chars[i] = char.IsControl(source[i]) ? '\uFFFD' : source[i];
    });
}
