using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Protocols.Gossip.Sealing;

/// <summary>
/// What is around every datagram and stream: the cluster's label and the seal. The shell that holds the keys puts it on and takes it off,
/// with nonces that it draws; the machine sees neither. On the wire the label comes first and is bound to the seal behind it. A stream's
/// label is written by the side that opened it only; each side's sealed message has its length in front, which is bound to the seal too.
/// </summary>
/// <param name="label">The cluster's label, at most 255 octets; empty for none.</param>
/// <param name="keys">The first seals, every one opens; none for plain text.</param>
/// <param name="verifiesIncoming">Whether what is not sealed is refused, if there are keys.</param>
/// <param name="verifiesOutgoing">Whether messages are sealed, if there are keys.</param>
/// <param name="version">The version of the seal.</param>
public sealed class GossipEnvelope(
    string label,
    IReadOnlyList<GossipKey> keys,
    bool verifiesIncoming = true,
    bool verifiesOutgoing = true,
    byte version = GossipSeal.CurrentVersion)
{
    /// <summary>Most octets of a label.</summary>
    public const int MostLabelBytes = 255;

    private const int LabelHeaderBytes = 2;
    private const int StreamHeaderBytes = 5;

    private readonly byte[] _label = Encoding.UTF8.GetBytes(label) is { Length: <= MostLabelBytes } bytes
        ? bytes
        : throw new ArgumentException("a label has at most 255 octets", nameof(label));

    /// <summary>How many octets longer a datagram becomes, at most.</summary>
    public int MostOverheadBytes => (_label.Length == 0 ? 0 : LabelHeaderBytes + _label.Length) +
        (keys.Count == 0 ? 0 : GossipSeal.MostOverheadBytes(version));

    /// <summary>Whether what leaves is sealed, so that a nonce is needed.</summary>
    public bool Seals => keys.Count > 0 && verifiesOutgoing;

    /// <summary>Puts the envelope on a datagram.</summary>
    public byte[] CloseDatagram(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> nonce) =>
        [.. Header(), .. Seals ? GossipSeal.Seal(keys[0], version, nonce, plain, _label) : plain];

    /// <summary>Takes the envelope off a datagram; <paramref name="plain"/> is its content when nothing is returned against it.</summary>
    public GossipRefusal OpenDatagram(ReadOnlyMemory<byte> datagram, out ReadOnlyMemory<byte> plain)
    {
        plain = default;
        var refusal = TakeLabel(datagram.Span, out var labelBytes);
        if (refusal != GossipRefusal.None)
            return refusal;
        plain = datagram[labelBytes..];
        if (keys.Count == 0)
            return GossipRefusal.None;
        if (GossipSeal.Open(keys, plain.Span, _label) is { } opened)
            plain = opened;
        else if (verifiesIncoming)
            return GossipRefusal.NotSealedByUs;
        return GossipRefusal.None;
    }

    /// <summary>Puts the envelope on the one message that this side of a stream sends.</summary>
    public byte[] CloseStreamMessage(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> nonce, bool isOpener)
    {
        var header = isOpener ? Header() : [];
        if (!Seals)
            return [.. header, .. plain];
        Span<byte> frame = stackalloc byte[StreamHeaderBytes];
        frame[0] = (byte)GossipMessageType.Encrypt;
        BinaryPrimitives.WriteUInt32BigEndian(frame[1..], (uint)GossipSeal.SealedBytes(version, plain.Length));
        return [.. header, .. frame, .. GossipSeal.Seal(keys[0], version, nonce, plain, [.. frame, .. _label])];
    }

    /// <summary>Starts to take the envelope off what the other side of a stream sends.</summary>
    public GossipStreamOpener OpenStream(bool isOpener) => new(this, expectsLabel: !isOpener);

    internal bool HasKeys => keys.Count > 0;

    internal bool RefusesPlain => keys.Count > 0 && verifiesIncoming;

    internal byte[]? OpenStreamMessage(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> message) =>
        GossipSeal.Open(keys, message, [.. frame, .. _label]);

    // 0 octets are not enough to tell; otherwise the label's length on the wire.
    internal GossipRefusal TakeLabel(ReadOnlySpan<byte> bytes, out int labelBytes)
    {
        labelBytes = 0;
        if (bytes.IsEmpty || bytes[0] != (byte)GossipMessageType.HasLabel)
            return _label.Length == 0 ? GossipRefusal.None : GossipRefusal.OtherLabel;
        if (bytes.Length < LabelHeaderBytes || bytes[1] == 0 || bytes.Length < LabelHeaderBytes + bytes[1])
            return GossipRefusal.MalformedLabel;
        labelBytes = LabelHeaderBytes + bytes[1];
        return bytes[LabelHeaderBytes..labelBytes].SequenceEqual(_label) ? GossipRefusal.None : GossipRefusal.OtherLabel;
    }

    private byte[] Header() =>
        _label.Length == 0 ? [] : [(byte)GossipMessageType.HasLabel, (byte)_label.Length, .. _label];
}
