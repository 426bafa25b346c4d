using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>What routers say, right and wrong, put together octet by octet.</summary>
internal static class RouterMessages
{
    /// <summary>Any subcode will do.</summary>
    public const byte AnySubcode = 255;

    private const int MarkerBytes = 16;

    public static byte[] KeepAlive() => Message(4, []);

    public static byte[] Notification(byte code, byte subcode) => Message(3, [code, subcode]);

    /// <summary>A wish to hear all routes of a family again.</summary>
    public static byte[] Refresh(bool isIPv4) => Message(5, [0, (byte)(isIPv4 ? 1 : 2), 0, 1]);

    /// <summary>The OPEN of a router.</summary>
    public static byte[] Open(RouterPlan plan, uint asn, byte version = 4, ushort? holdSeconds = null, bool hasIdentifier = true)
    {
        var capabilities = new List<byte> { 1, 4, 0, 1, 0, 1, 1, 4, 0, 2, 0, 1 };
        if (plan.FourOctetAs)
            capabilities.AddRange([65, 4, .. Word(asn)]);
        if (plan.IsModern)
            capabilities.AddRange([2, 0, 70, 0, 6, 0]);
        if (plan.KeepsRoutes)
            capabilities.AddRange([64, 10, 0, 120, 0, 1, 1, 0, 0, 2, 1, 0]);
        var shortAsn = asn > ushort.MaxValue ? AttributeReading.AsTrans : asn;
        var hold = holdSeconds ?? plan.HoldSeconds;
        return Message(1,
        [
            version, (byte)(shortAsn >> 8), (byte)(shortAsn & 0xFF), (byte)(hold >> 8), (byte)(hold & 0xFF),
            .. Word(hasIdentifier ? (uint)plan.AddressV4.Value : 0), (byte)(capabilities.Count + 2), 2, (byte)capabilities.Count,
            .. capabilities,
        ]);
    }

    /// <summary>An OPEN with something wrong, and the NOTIFICATION that answers it.</summary>
    public static (byte[] Octets, byte Code, byte Subcode) WrongOpen(RouterPlan plan, SeededRandom random) => random.Next(4) switch
    {
        0 => (Open(plan, plan.Asn, version: 3), 2, 1),
        1 => (Open(plan, 65_099), 2, 2),
        2 => (Open(plan, plan.Asn, hasIdentifier: false), 2, 3),
        _ => (Open(plan, plan.Asn, holdSeconds: 1), 2, 6),
    };

    /// <summary>What is no message, and the NOTIFICATION that answers it.</summary>
    public static (byte[] Octets, byte Code, byte Subcode) Garbage(SeededRandom random)
    {
        switch (random.Next(4))
        {
            case 0:
                var noise = new byte[19 + random.Next(200)];
                for (var i = 0; i < noise.Length; i++)
                    noise[i] = (byte)random.Next(255);
                return (noise, 1, 1);
            case 1:
                var tooShort = KeepAlive();
                tooShort[MarkerBytes + 1] = (byte)random.Next(19);
                return (tooShort, 1, 2);
            case 2:
                return (Message(4, [0]), 1, 2);
            default:
                return (Message((byte)(6 + random.Next(200)), [1, 2, 3, 4]), 1, 3);
        }
    }

    /// <summary>A message that does not belong where it is, or contradicts itself, and the NOTIFICATION that answers it; for established
    /// sessions.</summary>
    public static (byte[] Octets, byte Code, byte Subcode) WrongMessage(RouterPlan plan, SeededRandom random) => random.Next(4) switch
    {
        0 => (Open(plan, plan.Asn), 5, AnySubcode),
        1 => (Message(2, [0, 0, 0, 50, 1, 2, 3]), 3, 1),
        2 => (Message(2, [0, 2, 33, 10, 0, 0]), 3, AnySubcode),
        _ => (Message(2, [0, 9, 32, 10, 0]), 3, 1),
    };

    /// <summary>Routes that nobody wants to hear, one of them at times with attributes that RFC 7606 makes a withdrawal of.</summary>
    public static byte[] Routes(RouterPlan plan, bool isInternal, bool fourOctetAs, SeededRandom random)
    {
        var origin = (byte)(random.Chance(0.3) ? 7 : 0);
        byte[] path = fourOctetAs ? [2, 1, .. Word(plan.Asn)] : [2, 1, (byte)(plan.Asn >> 8 & 0xFF), (byte)(plan.Asn & 0xFF)];
        List<byte> attributes =
        [
            0x40, 1, 1, origin, 0x40, 2, (byte)(isInternal ? 0 : path.Length), .. isInternal ? [] : path,
            0x40, 3, 4, .. Word((uint)plan.AddressV4.Value),
        ];
        if (isInternal)
            attributes.AddRange([0x40, 5, 4, 0, 0, 0, 100]);
        var body = new List<byte> { 0, 0, (byte)(attributes.Count >> 8), (byte)(attributes.Count & 0xFF) };
        body.AddRange(attributes);
        for (var i = 1 + random.Next(300); i > 0; i--)
            body.AddRange([32, 198, 18, (byte)random.Next(256), (byte)random.Next(256)]);
        return Message(2, [.. body]);
    }

    private static byte[] Message(byte type, byte[] body)
    {
        var message = new byte[MarkerBytes + 3 + body.Length];
        message.AsSpan(0, MarkerBytes).Fill(0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(MarkerBytes), (ushort)message.Length);
        message[MarkerBytes + 2] = type;
        body.CopyTo(message, MarkerBytes + 3);
        return message;
    }

    private static byte[] Word(uint value) =>
        [(byte)(value >> 24), (byte)(value >> 16 & 0xFF), (byte)(value >> 8 & 0xFF), (byte)(value & 0xFF)];
}
