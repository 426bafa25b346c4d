using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Linq;
using FerroLB.Protocols.Bgp.Wire;
using Xunit;

namespace FerroLB.Tests.Bgp.Wire;

/// <summary>Messages of octets written by hand.</summary>
internal static class BgpOctets
{
    /// <summary>What both families, four-octet AS numbers and an external session make.</summary>
    public static readonly BgpUpdateContext External = new() { FourOctetAs = true, IPv4Unicast = true, IPv6Unicast = true };

    /// <summary>Octets of hexadecimal text with spaces.</summary>
    public static byte[] Hex(string text) => Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));

    /// <summary>A header before a body.</summary>
    public static byte[] Message(BgpMessageType type, ReadOnlySpan<byte> body)
    {
        var message = new byte[BgpFramer.HeaderBytes + body.Length];
        message.AsSpan(0, 16).Fill(0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(16), (ushort)message.Length);
        message[18] = (byte)type;
        body.CopyTo(message.AsSpan(19));
        return message;
    }

    /// <summary>The body of an UPDATE of its three parts.</summary>
    public static byte[] UpdateBody(string withdrawn, string attributes, string announced)
    {
        return [.. Counted(Hex(withdrawn)), .. Counted(Hex(attributes)), .. Hex(announced)];
    }

    private static byte[] Counted(byte[] octets) => [(byte)(octets.Length >> 8), (byte)(octets.Length & 255), .. octets];

    /// <summary>What a writer wrote.</summary>
    public static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The one frame that a message makes.</summary>
    public static BgpFrame FrameOf(byte[] message, bool extended = false)
    {
        var framer = new BgpFramer { AllowsExtendedMessages = extended };
        framer.Append(message);
        Assert.True(framer.TryTake(out var frame), framer.Error?.ToString());
        Assert.Equal(0, framer.PendingBytes);
        return frame;
    }
}
