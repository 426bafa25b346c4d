using System;

namespace FerroLB.Protocols.Announcing;

/// <summary>
/// Frames of one length waiting to be taken, in buffers that are used over and over. When it is full, the oldest frame gives way and is
/// counted: whoever asked will ask again, and the newest answer is the one most likely to be still wanted.
/// </summary>
internal sealed class FrameRing(int frameBytes)
{
    public const int CapacityFrames = 256;

    // A node without addresses of the family never needs the buffers.
    private byte[] _frames = [];
    private int[] _linkIndexes = [];
    private long _written;
    private long _taken;

    public long PushedOut { get; private set; }

    public int FreeFrames => CapacityFrames - (int)(_written - _taken);

    /// <summary>The buffer for a frame to be sent from an interface.</summary>
    public Span<byte> Append(int linkIndex)
    {
        if (_frames.Length == 0)
            (_frames, _linkIndexes) = (new byte[CapacityFrames * frameBytes], new int[CapacityFrames]);
        if (FreeFrames == 0)
        {
            _taken++;
            PushedOut++;
        }
        var slot = (int)(_written++ % CapacityFrames);
        _linkIndexes[slot] = linkIndex;
        return _frames.AsSpan(slot * frameBytes, frameBytes);
    }

    public bool TryTake(out int linkIndex, out ReadOnlyMemory<byte> frame)
    {
        linkIndex = 0;
        frame = default;
        if (_taken == _written)
            return false;
        var slot = (int)(_taken++ % CapacityFrames);
        linkIndex = _linkIndexes[slot];
        frame = new(_frames, slot * frameBytes, frameBytes);
        return true;
    }
}
