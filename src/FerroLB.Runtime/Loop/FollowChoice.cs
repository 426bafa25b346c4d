using System;

namespace FerroLB.Runtime.Loop;

/// <summary>
/// Decides whether the link loop, after traffic, looks for the next frame for a moment before it sleeps. That pays where the next frame
/// comes within that moment: being woken costs more. It does not where frames are rare, and it does harm where the one who is to send the
/// next frame waits for this very core. Which it is shows by itself: after each time that nothing came, the loop goes to sleep at once for
/// twice as many bursts of traffic as the time before, up to <see cref="MostSkipped"/>; one time that something came, and it looks every
/// time again.
/// </summary>
internal sealed class FollowChoice
{
    /// <summary>The most bursts in a row after which the loop sleeps at once.</summary>
    public const int MostSkipped = 64;

    private int _toSkip;
    private int _skipped;

    /// <summary>Whether to look this time.</summary>
    public bool Begins()
    {
        if (_skipped >= _toSkip)
            return true;
        _skipped++;
        return false;
    }

    /// <summary>Learns from a time when the loop looked.</summary>
    /// <param name="hasCome">Whether a frame came.</param>
    public void End(bool hasCome)
    {
        _skipped = 0;
        _toSkip = hasCome ? 0 : Math.Clamp(_toSkip * 2, 1, MostSkipped);
    }
}
