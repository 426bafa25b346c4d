using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using FerroLB.Runtime.Linux;

namespace FerroLB.Tests.Linux;

/// <summary>What the kernel knows about a frame beside its octets.</summary>
internal sealed record FrameFacts(byte[] Octets, uint PacketType = 1, uint? VlanTag = null);

/// <summary>Runs a classic BPF program as the kernel does: a load beyond the frame drops it, and no jump goes backwards.</summary>
internal static class BpfInterpreter
{
    /// <summary>How many octets the program keeps; 0 when it drops the frame.</summary>
    public static uint Run(IReadOnlyList<BpfInstruction> program, FrameFacts frame)
    {
        uint a = 0;
        uint x = 0;
        for (var at = 0; ; at++)
        {
            var (code, ifTrue, ifFalse, operand) = program[at];
            switch (code)
            {
                case BpfInstruction.Return:
                    return operand;
                case BpfInstruction.LoadWord or BpfInstruction.LoadHalf:
                    if (!TryLoad(frame, operand, code == BpfInstruction.LoadWord ? 4 : 2, out a))
                        return 0;
                    break;
                case BpfInstruction.Jump:
                    at += (int)operand;
                    break;
                case BpfInstruction.CopyToX:
                    x = a;
                    break;
                case BpfInstruction.CopyFromX:
                    a = x;
                    break;
                case BpfInstruction.JumpIfEqualToX:
                    at += a == x ? ifTrue : ifFalse;
                    break;
                default:
                    at += Holds(code, a, operand) ? ifTrue : ifFalse;
                    break;
            }
        }
    }

    private static bool Holds(ushort code, uint a, uint operand) => code switch
    {
        BpfInstruction.JumpIfEqual => a == operand,
        BpfInstruction.JumpIfGreater => a > operand,
        BpfInstruction.JumpIfGreaterOrEqual => a >= operand,
        BpfInstruction.JumpIfAnySet => (a & operand) != 0,
        _ => throw new ArgumentException($"no such instruction: {code:x}", nameof(code)),
    };

    private static bool TryLoad(FrameFacts frame, uint offset, int size, out uint value)
    {
        value = offset switch
        {
            BpfInstruction.PacketType => frame.PacketType,
            BpfInstruction.VlanTagPresent => frame.VlanTag is null ? 0u : 1u,
            BpfInstruction.VlanTag => frame.VlanTag ?? 0,
            _ => 0,
        };
        if (offset >= BpfInstruction.Ancillary)
            return true;
        if (offset + size > frame.Octets.Length)
            return false;
        var octets = frame.Octets.AsSpan((int)offset);
        value = size == 4 ? BinaryPrimitives.ReadUInt32BigEndian(octets) : BinaryPrimitives.ReadUInt16BigEndian(octets);
        return true;
    }
}
