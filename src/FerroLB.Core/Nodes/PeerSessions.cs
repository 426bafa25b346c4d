using System;
using System.Collections.Generic;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// What a speaker's control loop knows of its node's BGP sessions, as far as Services speak of it: which are up, and why the others are
/// not. That a session came up or went down counts at once; another reason why one is down, at most every <see cref="LeastBetween"/>, so
/// that a peer that fails in changing ways does not have all Services written again and again.
/// </summary>
internal sealed class PeerSessions
{
    /// <summary>The least time between two changes that are about reasons alone.</summary>
    public static readonly TimeSpan LeastBetween = TimeSpan.FromSeconds(10);

    private SortedDictionary<string, (bool IsUp, string? Error)> _shown = new(StringComparer.Ordinal);
    private SortedDictionary<string, (bool IsUp, string? Error)> _present = new(StringComparer.Ordinal);
    private Instant? _shownAt;

    /// <summary>When <see cref="Advance"/> has something to show.</summary>
    public Instant? NextDeadline { get; private set; }

    /// <summary>Whether the session with a peer is up.</summary>
    public bool IsUp(string peer) => _shown.TryGetValue(peer, out var session) && session.IsUp;

    /// <summary>Why the session with a peer is not up; null when nothing went wrong with it yet.</summary>
    public string? ErrorOf(string peer) => _shown.GetValueOrDefault(peer).Error;

    /// <summary>Takes a report in. True when something else is shown now.</summary>
    public bool Take(BgpReport report, Instant now)
    {
        _present = new(StringComparer.Ordinal);
        var (isSame, isSameButReasons) = (_shown.Count == report.Sessions.Length, _shown.Count == report.Sessions.Length);
        foreach (var session in report.Sessions)
        {
            var isUp = session.State == BgpSessionState.Established;
            var item = _present[session.Peer] = (isUp, isUp ? null : session.LastError);
            var isKnown = _shown.TryGetValue(session.Peer, out var before);
            isSame &= isKnown && before == item;
            isSameButReasons &= isKnown && before.IsUp == isUp;
        }
        NextDeadline = null;
        if (isSame)
            return false;
        if (isSameButReasons && _shownAt is { } last && last + LeastBetween > now)
        {
            NextDeadline = last + LeastBetween;
            return false;
        }
        return Show(now);
    }

    /// <summary>Shows what waited. True when something else is shown now.</summary>
    public bool Advance(Instant now) => NextDeadline <= now && Show(now);

    private bool Show(Instant now)
    {
        (_shown, _shownAt, NextDeadline) = (_present, now, null);
        return true;
    }
}
