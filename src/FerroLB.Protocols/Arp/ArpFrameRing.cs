using System;
using FerroLB.Protocols.Ethernet;

namespace FerroLB.Protocols.Arp;

/// <summary>
/// Frames waiting to be taken, in buffers that are used over and over. When it is full, the oldest frame gives way and is counted:
/// whoever asked will ask again, and the newest answer is the one most likely to be still wanted.
/// </summary>
internal sealed class ArpFrameRing
{
    public const int CapacityFrames = 256;

    private readonly byte[] _frames = new byte[CapacityFrames * EthernetHeader.MinimumFrameBytes];
    private readonly int[] _linkIndexes = new int[CapacityFrames];
    private long _written;
    private long _taken;

    public long PushedOut { get; private set; }

    public int FreeFrames => CapacityFrames - (int)(_written - _taken);

    /// <summary>The buffer for a frame to be sent from an interface.</summary>
    public Span<byte> Append(int linkIndex)
    {
        if (FreeFrames == 0)
        {
            _taken++;
            PushedOut++;
        }
        var slot = (int)(_written++ % CapacityFrames);
        _linkIndexes[slot] = linkIndex;
        return _frames.AsSpan(slot * EthernetHeader.MinimumFrameBytes, EthernetHeader.MinimumFrameBytes);
    }

    public bool TryTake(out int linkIndex, out ReadOnlyMemory<byte> frame)
    {
        linkIndex = 0;
        frame = default;
        if (_taken == _written)
            return false;
        var slot = (int)(_taken++ % CapacityFrames);
        linkIndex = _linkIndexes[slot];
        frame = new(_frames, slot * EthernetHeader.MinimumFrameBytes, EthernetHeader.MinimumFrameBytes);
        return true;
    }
}
