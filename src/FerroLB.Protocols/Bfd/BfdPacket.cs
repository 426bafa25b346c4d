using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bfd;

/// <summary>
/// A BFD control packet without authentication (RFC 5880, 4.1). Intervals are in microseconds, as on the wire.
/// </summary>
/// <param name="State">The sender's state.</param>
/// <param name="Diagnostic">Why the sender last changed its state.</param>
/// <param name="DetectMultiplier">How many of its intervals without a packet make the sender's peer give up; not zero.</param>
/// <param name="MyDiscriminator">The sender's number of the session; not zero.</param>
/// <param name="YourDiscriminator">The receiver's number of the session; zero while the sender does not know it.</param>
/// <param name="DesiredMinTxMicroseconds">The shortest interval at which the sender would like to send.</param>
/// <param name="RequiredMinRxMicroseconds">The shortest interval that the sender can receive; zero asks for no periodic
/// packets.</param>
/// <param name="RequiredMinEchoRxMicroseconds">The shortest interval of echo packets that the sender returns; zero for none.</param>
public readonly record struct BfdPacket(
    BfdState State,
    BfdDiagnostic Diagnostic,
    byte DetectMultiplier,
    uint MyDiscriminator,
    uint YourDiscriminator,
    uint DesiredMinTxMicroseconds,
    uint RequiredMinRxMicroseconds,
    uint RequiredMinEchoRxMicroseconds)
{
    /// <summary>Octets on the wire.</summary>
    public const int SizeBytes = 24;

    private const int Version = 1;
    private const int LeastAuthenticatedBytes = 26;
    private const byte PollBit = 0x20;
    private const byte FinalBit = 0x10;
    private const byte ControlPlaneIndependentBit = 0x08;
    private const byte AuthenticationBit = 0x04;
    private const byte DemandBit = 0x02;
    private const byte MultipointBit = 0x01;

    /// <summary>The sender wants to know that its parameters arrived.</summary>
    public bool IsPoll { get; init; }

    /// <summary>The answer to a poll.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The sender's BFD survives a restart of its control plane.</summary>
    public bool IsControlPlaneIndependent { get; init; }

    /// <summary>The sender wants no periodic packets while both ends are up.</summary>
    public bool IsDemand { get; init; }

    /// <summary>An authentication section follows. It is never written.</summary>
    public bool IsAuthenticated { get; private init; }

    /// <summary>
    /// Reads a packet and makes the checks of RFC 5880, 6.8.6 that need nothing but the packet; octets after it are ignored.
    /// </summary>
    /// <returns><see cref="BfdDropReason.None"/>, or why the packet must be discarded.</returns>
    public static BfdDropReason Read(ReadOnlySpan<byte> bytes, out BfdPacket packet)
    {
        var reader = new ByteReader(bytes);
        var first = reader.ReadByte();
        var second = reader.ReadByte();
        var multiplier = reader.ReadByte();
        var length = reader.ReadByte();
        packet = new(
            (BfdState)(second >> 6), (BfdDiagnostic)(first & 0x1F), multiplier, reader.ReadUInt32(), reader.ReadUInt32(),
            reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32())
        {
            IsPoll = (second & PollBit) != 0,
            IsFinal = (second & FinalBit) != 0,
            IsControlPlaneIndependent = (second & ControlPlaneIndependentBit) != 0,
            IsAuthenticated = (second & AuthenticationBit) != 0,
            IsDemand = (second & DemandBit) != 0,
        };
        if (bytes.Length > 0 && first >> 5 != Version)
            return BfdDropReason.Version;
        if (reader.Failed || length < (packet.IsAuthenticated ? LeastAuthenticatedBytes : SizeBytes) || length > bytes.Length)
            return BfdDropReason.Length;
        if (multiplier == 0)
            return BfdDropReason.DetectMultiplier;
        if ((second & MultipointBit) != 0)
            return BfdDropReason.Multipoint;
        if (packet.MyDiscriminator == 0)
            return BfdDropReason.MyDiscriminator;
        return packet.YourDiscriminator == 0 && packet.State is (BfdState.Init or BfdState.Up)
            ? BfdDropReason.YourDiscriminatorMissing
            : BfdDropReason.None;
    }

    /// <summary>Writes the packet.</summary>
    public void Write(ref ByteWriter writer)
    {
        writer.WriteByte((byte)(Version << 5 | (byte)Diagnostic & 0x1F));
        writer.WriteByte((byte)(
            (byte)State << 6 | (IsPoll ? PollBit : 0) | (IsFinal ? FinalBit : 0)
            | (IsControlPlaneIndependent ? ControlPlaneIndependentBit : 0) | (IsDemand ? DemandBit : 0)));
        writer.WriteByte(DetectMultiplier);
        writer.WriteByte(SizeBytes);
        writer.WriteUInt32(MyDiscriminator);
        writer.WriteUInt32(YourDiscriminator);
        writer.WriteUInt32(DesiredMinTxMicroseconds);
        writer.WriteUInt32(RequiredMinRxMicroseconds);
        writer.WriteUInt32(RequiredMinEchoRxMicroseconds);
    }
}
