using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// How long a suspected member still has. Nobody else's word makes it long; each other member that suspects it as well shortens it, down
/// to the least when as many do as were hoped for.
/// </summary>
internal sealed class GossipSuspicion
{
    private readonly SortedSet<string> _heardFrom = new(StringComparer.Ordinal);
    private readonly int _hopedFor;
    private readonly TimeSpan _least;
    private readonly TimeSpan _most;
    private Instant _start;

    public GossipSuspicion(string from, int hopedFor, TimeSpan least, TimeSpan most, Instant now)
    {
        (_hopedFor, _least, _most, _start) = (hopedFor, least, most, now);
        _heardFrom.Add(from);
        Deadline = now + (hopedFor < 1 ? least : most);
    }

    /// <summary>When the member counts as failed.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>How many others confirmed.</summary>
    public int Confirmations => _heardFrom.Count - 1;

    /// <summary>Counts a confirmation; false when it is nothing new.</summary>
    public bool Confirm(string from)
    {
        if (Confirmations >= _hopedFor || !_heardFrom.Add(from))
            return false;
        Deadline = _start + Timeout(Confirmations, _hopedFor, _least, _most);
        return true;
    }

    /// <summary>Takes a time in which nothing could be heard out of the count.</summary>
    public void Postpone(TimeSpan by) => (_start, Deadline) = (_start + by, Deadline + by);

    /// <summary>The whole time, in whole milliseconds: from the most down to the least with the logarithm of the confirmations.</summary>
    public static TimeSpan Timeout(int confirmations, int hopedFor, TimeSpan least, TimeSpan most)
    {
        var share = Math.Log(confirmations + 1.0) / Math.Log(hopedFor + 1.0);
        var seconds = most.TotalSeconds - share * (most.TotalSeconds - least.TotalSeconds);
        var timeout = TimeSpan.FromTicks((long)Math.Floor(1000.0 * seconds) * TimeSpan.TicksPerMillisecond);
        return timeout < least ? least : timeout;
    }

    /// <summary>The least time, which grows with the decimal logarithm of the number of members from ten on.</summary>
    public static TimeSpan Least(int suspicionMult, int members, TimeSpan probeInterval)
    {
        var scale = Math.Max(1.0, Math.Log10(Math.Max(1.0, members)));
        return TimeSpan.FromTicks(suspicionMult * (long)(scale * 1000) * probeInterval.Ticks / 1000);
    }
}
