using System;
using System.Buffers.Binary;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Protocols.Gossip.Sealing;

/// <summary>
/// Takes the envelope off what one side of a stream sends. Plain text passes as it comes; a sealed message passes when it is whole. Made by
/// <see cref="GossipEnvelope.OpenStream"/>.
/// </summary>
public sealed class GossipStreamOpener
{
    private const int FrameBytes = 5;

    private readonly GossipEnvelope _envelope;
    private bool _expectsLabel;
    private bool _isPlain;
    private bool _isDone;
    private byte[] _held = [];
    private int _heldBytes;

    internal GossipStreamOpener(GossipEnvelope envelope, bool expectsLabel)
    {
        _envelope = envelope;
        _expectsLabel = expectsLabel;
    }

    /// <summary>Octets held back until a message is whole.</summary>
    public int HeldBytes => _held.Length;

    /// <summary>Takes what arrived; <paramref name="plain"/> is what passes now, perhaps nothing.</summary>
    public GossipRefusal Append(ReadOnlySpan<byte> bytes, out byte[] plain)
    {
        plain = [];
        if (_isPlain)
            plain = bytes.ToArray();
        if (_isPlain || _isDone)
            return GossipRefusal.None;
        if (_heldBytes + bytes.Length > FrameBytes + GossipStreamMessage.DefaultMostBytes)
            return GossipRefusal.TooLong;
        Hold(bytes);
        var refusal = _expectsLabel ? TakeLabel() : GossipRefusal.None;
        return refusal != GossipRefusal.None || _expectsLabel || _heldBytes == 0 ? refusal : TakeMessage(out plain);
    }

    private GossipRefusal TakeLabel()
    {
        var held = _held.AsSpan(0, _heldBytes);
        if (held.IsEmpty || (held[0] == (byte)GossipMessageType.HasLabel && (held.Length < 2 || held.Length < 2 + held[1])))
            return GossipRefusal.None;
        var refusal = _envelope.TakeLabel(held, out var labelBytes);
        if (refusal != GossipRefusal.None)
            return refusal;
        _expectsLabel = false;
        held[labelBytes..].CopyTo(_held);
        _heldBytes -= labelBytes;
        return GossipRefusal.None;
    }

    private GossipRefusal TakeMessage(out byte[] plain)
    {
        plain = [];
        var held = _held.AsSpan(0, _heldBytes);
        if (held[0] != (byte)GossipMessageType.Encrypt)
        {
            if (_envelope.RefusesPlain)
                return GossipRefusal.NotSealedByUs;
            _isPlain = true;
            plain = held.ToArray();
            _held = [];
            return GossipRefusal.None;
        }
        if (!_envelope.HasKeys)
            return GossipRefusal.SealedWithoutKey;
        if (held.Length < FrameBytes)
            return GossipRefusal.None;
        var length = BinaryPrimitives.ReadUInt32BigEndian(held[1..]);
        if (length > GossipStreamMessage.DefaultMostBytes)
            return GossipRefusal.TooLong;
        if (held.Length < FrameBytes + (int)length)
            return GossipRefusal.None;
        var opened = _envelope.OpenStreamMessage(held[..FrameBytes], held.Slice(FrameBytes, (int)length));
        _isDone = true;
        _held = [];
        plain = opened ?? [];
        return opened is null ? GossipRefusal.NotSealedByUs : GossipRefusal.None;
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        if (_heldBytes + bytes.Length > _held.Length)
            Array.Resize(ref _held, Math.Max(_heldBytes + bytes.Length, 2 * _held.Length));
        bytes.CopyTo(_held.AsSpan(_heldBytes));
        _heldBytes += bytes.Length;
    }
}
