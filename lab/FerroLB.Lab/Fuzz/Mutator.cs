using System;
using System.Collections.Generic;
using System.Text;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>Makes wrong inputs from right ones: few changes at a time, so that most of the input still makes sense.</summary>
internal static class Mutator
{
    private const int MostBytes = 64 * 1024;

    private static readonly byte[] Interesting = [0x00, 0x01, 0x7F, 0x80, 0xFF, 0x20, 0x22, 0x2C, 0x30, 0x39, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D];

    public static byte[] Mutate(IFuzzTarget target, SeededRandom random)
    {
        var bytes = new List<byte>(target.Sample(random));
        var changes = random.Next(8);
        for (var i = 0; i < changes; i++)
            ChangeOnce(bytes, target, random);
        if (bytes.Count > MostBytes)
            bytes.RemoveRange(MostBytes, bytes.Count - MostBytes);
        return [.. bytes];
    }

    private static void ChangeOnce(List<byte> bytes, IFuzzTarget target, SeededRandom random)
    {
        var at = random.Next(bytes.Count + 1);
        var rest = bytes.Count - at;
        switch (random.Next(9))
        {
            case 0 when rest > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when rest > 0:
                bytes[at] = Interesting[random.Next(Interesting.Length)];
                break;
            case 2 when rest > 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 3:
                bytes.Insert(at, Interesting[random.Next(Interesting.Length)]);
                break;
            case 4 when rest > 0:
                bytes.RemoveRange(at, 1 + random.Next(Math.Min(rest, 32)));
                break;
            case 5 when rest > 0:
                bytes.InsertRange(at, bytes.GetRange(at, 1 + random.Next(Math.Min(rest, 64))));
                break;
            case 6:
                bytes.RemoveRange(at, rest);
                break;
            case 7 when target.Vocabulary.Length > 0:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(target.Vocabulary[random.Next(target.Vocabulary.Length)]));
                break;
            default:
                Splice(bytes, at, target.Sample(random), random);
                break;
        }
    }

    private static void Splice(List<byte> bytes, int at, byte[] other, SeededRandom random)
    {
        if (other.Length == 0)
            return;
        var from = random.Next(other.Length);
        bytes.InsertRange(at, other.AsSpan(from, random.Next(other.Length - from) + 1).ToArray());
    }
}
