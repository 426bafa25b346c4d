using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>
/// When to try again. After an error of the protocol the session is held back, 1 s at first and twice as long each time, 120 s at most,
/// until it was stable for two hold times. An attempt to connect that failed is repeated after 5 s at first, 60 s at most, or after the
/// time that the user set. It is repeated several times a second for a minute after a session was lost, because that is what a peer that
/// restarts looks like, and for ten seconds after the beginning, because a peer that has not yet heard of the end of this side's last
/// process refuses the next.
/// </summary>
internal sealed class BgpBackOff(SeededRandom random)
{
    private const int LongestHoldBackSeconds = 120;
    private const int ShortestRetrySeconds = 5;
    private const int LongestRetrySeconds = 60;
    private static readonly TimeSpan QuickPhase = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstPhase = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AttemptPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan QuickPatience = TimeSpan.FromSeconds(1);

    private int _errors;
    private int _failedAttempts;
    private Instant _quickUntil;
    private Instant _newUntil;

    /// <summary>How long an attempt to connect may take.</summary>
    public TimeSpan PatienceAt(Instant now) => now < _quickUntil ? QuickPatience : AttemptPatience;

    /// <summary>The session was established.</summary>
    public void Succeeded() => _failedAttempts = 0;

    /// <summary>The session was stable: earlier errors are forgiven.</summary>
    public void Forgive() => _errors = 0;

    /// <summary>An established session was lost: the peer may be restarting.</summary>
    public void Lost(Instant now) => _quickUntil = now + QuickPhase;

    /// <summary>Everything begins anew.</summary>
    public void Reset(Instant now) => (_errors, _failedAttempts, _quickUntil, _newUntil) = (0, 0, default, now + FirstPhase);

    /// <summary>How long the session is held back after one more error.</summary>
    public TimeSpan HoldBack()
    {
        var seconds = Math.Min(LongestHoldBackSeconds, 1 << Math.Min(_errors, 7));
        _errors++;
        return TimeSpan.FromSeconds(seconds);
    }

    /// <summary>How long to wait after one more attempt that failed.</summary>
    public TimeSpan Retry(ushort configuredSeconds, Instant now)
    {
        if (configuredSeconds == 0 && (now < _quickUntil || now < _newUntil))
            return random.Between(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(600));
        var growing = Math.Min(LongestRetrySeconds, ShortestRetrySeconds << Math.Min(_failedAttempts, 4));
        _failedAttempts++;
        var seconds = configuredSeconds == 0 ? growing : configuredSeconds;
        // Jitter of RFC 4271 section 10.
        return random.Between(TimeSpan.FromSeconds(0.75 * seconds), TimeSpan.FromSeconds(seconds));
    }
}
