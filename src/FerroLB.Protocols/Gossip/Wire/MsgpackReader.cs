using System;
using System.Buffers.Binary;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>
/// Reads the part of MessagePack that memberlist uses. Text and octets come in the old form (raw) from its default encoder and in the new
/// one (str and bin) from others; both are read as the same. After the first thing that does not fit, every read returns nothing and
/// <see cref="Result"/> says whether more octets could help.
/// </summary>
internal ref struct MsgpackReader(ReadOnlySpan<byte> bytes)
{
    private const byte Nil = 0xC0;
    private const byte False = 0xC2;
    private const byte True = 0xC3;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public GossipDecodeResult Result { get; private set; }

    public int Offset { get; private set; }

    public readonly bool IsOk => Result == GossipDecodeResult.Ok;

    /// <summary>The number of pairs in the map that starts here; 0 for nil.</summary>
    public int ReadMapHeader()
    {
        var code = ReadCode();
        return code switch
        {
            >= 0x80 and <= 0x8F => code & 0x0F,
            0xDE => (int)ReadBigEndian(2),
            0xDF => Bounded(ReadBigEndian(4)),
            Nil => 0,
            _ => (int)Malformed(),
        };
    }

    /// <summary>Text or octets; nil is empty.</summary>
    public ReadOnlySpan<byte> ReadRaw()
    {
        var code = ReadCode();
        var length = code switch
        {
            >= 0xA0 and <= 0xBF => code & 0x1F,
            0xD9 or 0xC4 => (int)ReadBigEndian(1),
            0xDA or 0xC5 => (int)ReadBigEndian(2),
            0xDB or 0xC6 => Bounded(ReadBigEndian(4)),
            Nil => 0,
            _ => (int)Malformed(),
        };
        return Take(length);
    }

    /// <summary>A number that is not negative; nil is 0.</summary>
    public long ReadNumber()
    {
        var code = ReadCode();
        return code switch
        {
            <= 0x7F => code,
            0xCC => ReadBigEndian(1),
            0xCD => ReadBigEndian(2),
            0xCE => ReadBigEndian(4),
            0xCF => NotNegative(ReadBigEndian(8)),
            0xD0 => NotNegative(unchecked((sbyte)ReadBigEndian(1))),
            0xD1 => NotNegative(unchecked((short)ReadBigEndian(2))),
            0xD2 => NotNegative(unchecked((int)ReadBigEndian(4))),
            0xD3 => NotNegative(ReadBigEndian(8)),
            Nil => 0,
            _ => Malformed(),
        };
    }

    /// <summary>True or false; nil is false.</summary>
    public bool ReadBoolean() => ReadCode() switch
    {
        True => true,
        False or Nil => false,
        _ => Malformed() != 0,
    };

    /// <summary>Passes over one value of any kind, however deep it is.</summary>
    public void Skip()
    {
        // Values still to come: a container adds its contents, so depth costs no stack; each costs at least one octet.
        for (long pending = 1; pending > 0 && IsOk; pending--)
            pending += SkipOne(ReadCode());
    }

    private long SkipOne(byte code)
    {
        switch (code)
        {
            case >= 0x80 and <= 0x8F:
                return 2 * (code & 0x0F);
            case >= 0x90 and <= 0x9F:
                return code & 0x0F;
            case >= 0xA0 and <= 0xBF:
                Take(code & 0x1F);
                return 0;
            case 0xC4 or 0xD9:
                Take((int)ReadBigEndian(1));
                return 0;
            case 0xC5 or 0xDA:
                Take((int)ReadBigEndian(2));
                return 0;
            case 0xC6 or 0xDB:
                Take(Bounded(ReadBigEndian(4)));
                return 0;
            case 0xC7 or 0xC8 or 0xC9:
                Take(Bounded(ReadBigEndian(1 << (code - 0xC7)) + 1));
                return 0;
            case 0xCA or 0xCB:
                Take(4 << (code - 0xCA));
                return 0;
            case >= 0xCC and <= 0xCF:
                Take(1 << (code - 0xCC));
                return 0;
            case >= 0xD0 and <= 0xD3:
                Take(1 << (code - 0xD0));
                return 0;
            case >= 0xD4 and <= 0xD8:
                Take((1 << (code - 0xD4)) + 1);
                return 0;
            case 0xDC:
                return ReadBigEndian(2);
            case 0xDD:
                return ReadBigEndian(4);
            case 0xDE:
                return 2 * ReadBigEndian(2);
            case 0xDF:
                return 2 * ReadBigEndian(4);
            case 0xC1:
                return Malformed();
            default:
                return 0;
        }
    }

    private byte ReadCode() => Take(1) is [var code] ? code : Nil;

    private long ReadBigEndian(int size)
    {
        var taken = Take(size);
        return !IsOk ? 0 : size switch
        {
            1 => taken[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(taken),
            4 => BinaryPrimitives.ReadUInt32BigEndian(taken),
            _ => BinaryPrimitives.ReadInt64BigEndian(taken),
        };
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (IsOk && count > _bytes.Length - Offset)
            Result = GossipDecodeResult.Incomplete;
        if (!IsOk)
            return default;
        var taken = _bytes.Slice(Offset, count);
        Offset += count;
        return taken;
    }

    private int Bounded(long value) => value <= int.MaxValue ? (int)value : (int)Malformed();

    private long NotNegative(long value) => value >= 0 ? value : Malformed();

    private long Malformed()
    {
        if (IsOk)
            Result = GossipDecodeResult.Malformed;
        return 0;
    }
}
