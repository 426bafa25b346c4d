using System;
using System.Buffers;
using System.Collections.Generic;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>
/// LZW as GIF writes it: literals of 8 bits, codes from the least significant bit on, 9 to 12 bits wide, a clear code first and when the
/// table is full, an end code last. This is what memberlist takes from its standard library.
/// </summary>
internal static class Lzw
{
    private const int ClearCode = 256;
    private const int EndCode = 257;
    private const int FirstFreeCode = 258;
    private const int LeastWidth = 9;
    private const int MostWidth = 12;
    private const int MostCodes = 1 << MostWidth;

    /// <summary>Compresses; the result may be longer than what was given.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> bytes)
    {
        var output = new BitOutput(bytes.Length + 16);
        // (prefix code, next octet) -> code of the two together.
        var codes = new Dictionary<int, int>();
        int width = LeastWidth, last = FirstFreeCode - 1;
        output.Write(ClearCode, width);
        if (bytes.IsEmpty)
        {
            output.Write(EndCode, width);
            return output.ToArray();
        }
        int prefix = bytes[0];
        foreach (var octet in bytes[1..])
        {
            var key = prefix << 8 | octet;
            if (codes.TryGetValue(key, out var longer))
            {
                prefix = longer;
                continue;
            }
            output.Write(prefix, width);
            prefix = octet;
            if (!Grow(ref last, ref width, output, codes))
                codes[key] = last;
        }
        output.Write(prefix, width);
        Grow(ref last, ref width, output, codes);
        output.Write(EndCode, width);
        return output.ToArray();
    }

    /// <summary>Restores what was compressed; null when it makes no sense, ends early, or is longer than the limit.</summary>
    public static byte[]? Decompress(ReadOnlySpan<byte> bytes, int mostBytes)
    {
        var output = new ArrayBufferWriter<byte>(Math.Clamp(bytes.Length * 2, 64, 64 * 1024));
        var prefixes = new ushort[MostCodes];
        var suffixes = new byte[MostCodes];
        var expansion = new byte[MostCodes];
        int width = LeastWidth, next = FirstFreeCode, previous = -1, bits = 0, position = 0;
        uint buffer = 0;
        while (true)
        {
            for (; bits < width; bits += 8)
            {
                if (position == bytes.Length)
                    return null;
                buffer |= (uint)bytes[position++] << bits;
            }
            var code = (int)(buffer & (1u << width) - 1);
            buffer >>= width;
            bits -= width;
            if (code == EndCode)
                return output.WrittenSpan.ToArray();
            if (code == ClearCode)
            {
                (width, next, previous) = (LeastWidth, FirstFreeCode, -1);
                continue;
            }
            var isNext = code == next && previous >= 0 && next < MostCodes;
            if (code >= next && !isNext)
                return null;
            // The code that is just being defined is its predecessor followed by the predecessor's first octet.
            var at = expansion.Length;
            for (var rest = isNext ? previous : code; ; rest = prefixes[rest])
            {
                expansion[--at] = rest < ClearCode ? (byte)rest : suffixes[rest];
                if (rest < ClearCode)
                    break;
            }
            var first = expansion[at];
            var length = expansion.Length - at + (isNext ? 1 : 0);
            if (output.WrittenCount + length > mostBytes)
                return null;
            output.Write(expansion.AsSpan(at));
            if (isNext)
                output.Write([first]);
            if (previous >= 0 && next < MostCodes)
            {
                prefixes[next] = (ushort)previous;
                suffixes[next] = first;
                next++;
            }
            previous = code;
            if (next == 1 << width && width < MostWidth)
                width++;
        }
    }

    // Counts one more code; true when the table was full and starts anew.
    private static bool Grow(ref int last, ref int width, BitOutput output, Dictionary<int, int> codes)
    {
        last++;
        if (last == 1 << width)
            width++;
        if (last != MostCodes - 1)
            return false;
        output.Write(ClearCode, MostWidth);
        codes.Clear();
        (last, width) = (FirstFreeCode - 1, LeastWidth);
        return true;
    }

    private sealed class BitOutput(int bytes)
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(bytes);
        private uint _pending;
        private int _pendingBits;

        public void Write(int code, int width)
        {
            _pending |= (uint)code << _pendingBits;
            _pendingBits += width;
            for (; _pendingBits >= 8; _pendingBits -= 8, _pending >>= 8)
                _bytes.Write([(byte)(_pending & 0xFF)]);
        }

        public byte[] ToArray()
        {
            if (_pendingBits > 0)
                _bytes.Write([(byte)(_pending & 0xFF)]);
            (_pending, _pendingBits) = (0, 0);
            return _bytes.WrittenSpan.ToArray();
        }
    }
}
