using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>
/// How much one LAN carries, and what its owners must do so that it never carries more than a thousand heartbeats per second: each of n
/// sends at most every n milliseconds; where their steady heartbeats take more than a third, a missing one is asked for only when the
/// next is missing too; and where questions and answers are still too many, because very much gets lost, all send less often.
/// </summary>
internal sealed class HeartbeatLoad
{
    private const double MostPerSecond = 1000;
    // Some room below, for seconds are not alike.
    private const double AimPerSecond = 950;
    private const double MostStretch = 4;
    // Slowly back, for what is awaited was promised under the longer interval.
    private const double LeastChange = 0.9;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private Instant _since;
    private TimeSpan _base;
    private double _carried;
    private double _stretch = 1;

    /// <summary>Whether a peer is asked only when two of its heartbeats are missing, and then twice as often.</summary>
    public bool AsksLate { get; private set; }

    /// <summary>Heartbeats were sent here: regular ones, questions or answers.</summary>
    public void Count(int heartbeats) => _carried += heartbeats;

    /// <summary>Looks at what was carried, about once a second, and says how often an owner sends from now on.</summary>
    /// <param name="wanted">The interval that was configured.</param>
    /// <param name="owners">How many own addresses on this LAN, this node included.</param>
    /// <param name="now">When.</param>
    public TimeSpan Judge(TimeSpan wanted, int owners, Instant now)
    {
        var share = TimeSpan.FromSeconds(owners / MostPerSecond);
        AsksLate = share * 3 > wanted;
        var before = _base;
        _base = share > wanted ? share : wanted;
        // What was carried before would have been so much with as many owners as there are now.
        _carried *= before / _base;
        var elapsed = now - _since;
        if (elapsed >= Window)
        {
            var carriedPerSecond = _carried / elapsed.TotalSeconds;
            _stretch = Math.Clamp(_stretch * Math.Max(LeastChange, carriedPerSecond / AimPerSecond), 1, MostStretch);
            (_since, _carried) = (now, 0);
        }
        var interval = _base * _stretch;
        return interval < HeartbeatConfig.MostInterval ? interval : HeartbeatConfig.MostInterval;
    }
}
