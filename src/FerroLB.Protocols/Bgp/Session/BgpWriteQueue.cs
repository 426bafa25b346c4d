using System;
using System.Buffers;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>
/// Octets on their way to the kernel: one buffer is being written, the other is being filled. Buffers that had to grow are given back when
/// they are empty.
/// </summary>
internal sealed class BgpWriteQueue
{
    private const int KeptBytes = 8 * 1024;

    private ArrayBufferWriter<byte> _filling = new(256);
    private ArrayBufferWriter<byte> _flying = new(256);

    /// <summary>Where messages are written to.</summary>
    public IBufferWriter<byte> Output => _filling;

    /// <summary>Octets that nobody was asked to write yet.</summary>
    public int WaitingBytes => _filling.WrittenCount;

    /// <summary>Whether the kernel has not taken yet what was ordered last.</summary>
    public bool IsFlying { get; private set; }

    /// <summary>Takes what is waiting as the next order; false when there is nothing, or the last one is still under way.</summary>
    public bool TryFly(out ReadOnlyMemory<byte> octets)
    {
        octets = default;
        if (IsFlying || _filling.WrittenCount == 0)
            return false;
        (_filling, _flying) = (_flying, _filling);
        IsFlying = true;
        octets = _flying.WrittenMemory;
        return true;
    }

    /// <summary>The kernel has taken all of the last order.</summary>
    public void Land()
    {
        IsFlying = false;
        if (_flying.Capacity > KeptBytes)
            _flying = new(256);
        else
            _flying.ResetWrittenCount();
    }

    /// <summary>Takes everything, whether or not something is under way: the last order before the connection is closed.</summary>
    public ReadOnlyMemory<byte> TakeRest() => _filling.WrittenMemory;
}
