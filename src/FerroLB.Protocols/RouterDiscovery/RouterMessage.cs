using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.RouterDiscovery;

/// <summary>
/// A Router Solicitation or Advertisement (RFC 4861 4.1 and 4.2), from its ICMPv6 type on. Of an advertisement only what two routers need
/// to find each other is written and read: nobody is made to route, number or name by it. The checksum is the kernel's.
/// </summary>
/// <param name="Type">Which of the two.</param>
public readonly record struct RouterMessage(RouterMessageType Type)
{
    /// <summary>The most octets that are written.</summary>
    public const int MostBytes = AdvertisementBytes + OptionBytes;

    private const int SolicitationBytes = 8;
    private const int AdvertisementBytes = 16;
    private const int OptionBytes = 8;
    private const byte SourceLinkLayerAddress = 1;

    /// <summary>Of an advertisement: for how many seconds hosts may send to this router what they have no other route for; 0 for not at
    /// all.</summary>
    public ushort LifetimeSeconds { get; init; }

    /// <summary>The sender's hardware address; null when it does not say.</summary>
    public MacAddress? LinkLayerAddress { get; init; }

    /// <summary>Reads a message; false for another one, or one that does not add up.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RouterMessage message)
    {
        message = default;
        if (bytes.IsEmpty || bytes[0] is not ((byte)RouterMessageType.Solicitation or (byte)RouterMessageType.Advertisement))
            return false;
        var type = (RouterMessageType)bytes[0];
        var length = type == RouterMessageType.Solicitation ? SolicitationBytes : AdvertisementBytes;
        if (bytes.Length < length || bytes[1] != 0)
            return false;
        message = new(type) { LifetimeSeconds = type == RouterMessageType.Advertisement ? (ushort)(bytes[6] << 8 | bytes[7]) : (ushort)0 };
        for (var options = bytes[length..]; !options.IsEmpty; options = options[(options[1] * 8)..])
        {
            // The length counts units of eight octets; zero would never end (RFC 4861 4.6).
            if (options.Length < 2 || options[1] == 0 || options[1] * 8 > options.Length)
                return false;
            if (options[0] == SourceLinkLayerAddress && options[1] == 1 && message.LinkLayerAddress is null)
                message = message with { LinkLayerAddress = MacAddress.Read(options[2..]) };
        }
        return true;
    }

    /// <summary>Writes the message; the octets that it takes, at most <see cref="MostBytes"/>.</summary>
    public int Write(Span<byte> bytes)
    {
        var writer = new ByteWriter(bytes);
        writer.WriteByte((byte)Type);
        writer.WriteByte(0);
        writer.WriteUInt16(0);
        if (Type == RouterMessageType.Advertisement)
        {
            // No hop limit, no managed addresses, then the lifetime; reachable and retransmission times are left to hosts.
            writer.WriteUInt16(0);
            writer.WriteUInt16(LifetimeSeconds);
            writer.WriteUInt32(0);
        }
        writer.WriteUInt32(0);
        if (LinkLayerAddress is { } mac)
        {
            writer.WriteByte(SourceLinkLayerAddress);
            writer.WriteByte(1);
            writer.WriteMac(mac);
        }
        return writer.WrittenBytes;
    }
}

/// <summary>Which of the two messages it is (ICMPv6 type).</summary>
public enum RouterMessageType : byte
{
    /// <summary>Which routers are there? (RFC 4861 4.1)</summary>
    Solicitation = 133,

    /// <summary>Here is one. (RFC 4861 4.2)</summary>
    Advertisement = 134,
}
