using System.Runtime.InteropServices;

namespace FerroLB.Runtime.Linux;

/// <summary>One instruction of classic BPF (struct sock_filter).</summary>
/// <param name="Code">Operation, operand size and addressing.</param>
/// <param name="IfTrue">Instructions to skip when a condition holds, 0-255.</param>
/// <param name="IfFalse">Instructions to skip when it does not, 0-255.</param>
/// <param name="Operand">Constant, offset into the frame, or distance of an unconditional jump.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct BpfInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand)
{
    /// <summary>A = 32 bits of the frame at the operand, network order.</summary>
    public const ushort LoadWord = 0x20;

    /// <summary>A = 16 bits of the frame at the operand, network order.</summary>
    public const ushort LoadHalf = 0x28;

    /// <summary>Skip operand instructions.</summary>
    public const ushort Jump = 0x05;

    /// <summary>Branch on A == operand.</summary>
    public const ushort JumpIfEqual = 0x15;

    /// <summary>Branch on A == X.</summary>
    public const ushort JumpIfEqualToX = 0x1D;

    /// <summary>Branch on A > operand, unsigned.</summary>
    public const ushort JumpIfGreater = 0x25;

    /// <summary>Branch on A >= operand, unsigned.</summary>
    public const ushort JumpIfGreaterOrEqual = 0x35;

    /// <summary>Branch on (A &amp; operand) != 0.</summary>
    public const ushort JumpIfAnySet = 0x45;

    /// <summary>X = A.</summary>
    public const ushort CopyToX = 0x07;

    /// <summary>A = X.</summary>
    public const ushort CopyFromX = 0x87;

    /// <summary>End: keep as many octets of the frame as the operand says; 0 drops it.</summary>
    public const ushort Return = 0x06;

    /// <summary>Frame offsets from here on read facts about the frame instead (SKF_AD_OFF).</summary>
    public const uint Ancillary = 0xFFFFF000;

    /// <summary>Ancillary: to whom the frame was sent: 0 this host, 1 broadcast, 2 multicast, 3 another host, 4 outgoing.</summary>
    public const uint PacketType = Ancillary + 4;

    /// <summary>Ancillary: the VLAN tag (priority, CFI, 12-bit VLAN id) that the kernel took off.</summary>
    public const uint VlanTag = Ancillary + 44;

    /// <summary>Ancillary: 1 when there is a VLAN tag.</summary>
    public const uint VlanTagPresent = Ancillary + 48;
}
