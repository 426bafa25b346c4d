using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Announcing;

/// <summary>
/// Decides when each announcement is repeated unasked. A trigger starts a burst: a round at once, then one every 1.1 s while less
/// than 5 s have passed since the last trigger (receivers may ignore changes that follow one another within a second). After the
/// burst one round per interval refreshes neighbours that missed it; its phase is drawn once per burst, so that a thousand addresses
/// do not shout at the same instant.
/// </summary>
internal sealed class AnnouncementSchedule(TimeSpan interval, SeededRandom random)
{
    public static readonly TimeSpan RoundSpacing = TimeSpan.FromMilliseconds(1100);
    public static readonly TimeSpan BurstDuration = TimeSpan.FromSeconds(5);

    private readonly SortedSet<Announcement> _due = new(new AnnouncementOrder());

    public Announcement? Next => _due.Min;

    /// <summary>Starts or extends a burst: a round at once, but not within 1.1 s of the one before.</summary>
    public void Trigger(Announcement announcement, Instant now)
    {
        announcement.BurstEnd = now + BurstDuration;
        var earliest = announcement.LastSent is { } last ? last + RoundSpacing : now;
        Plan(announcement, announcement.Link.Link.HasCarrier ? earliest < now ? now : earliest : null);
    }

    /// <summary>Makes sure of a round at a time, or 1.1 s after the one before if that is later; starts no burst.</summary>
    public void Defend(Announcement announcement, Instant at)
    {
        var earliest = announcement.LastSent is { } last && last + RoundSpacing > at ? last + RoundSpacing : at;
        if (announcement.Link.Link.HasCarrier && !(announcement.Due <= earliest))
            Plan(announcement, earliest);
    }

    /// <summary>Plans the round after one that was sent now.</summary>
    public void RoundSent(Announcement announcement, Instant now)
    {
        var wasBurst = now < announcement.BurstEnd;
        announcement.LastSent = now;
        if (now + RoundSpacing < announcement.BurstEnd)
            Plan(announcement, now + RoundSpacing);
        else if (interval <= TimeSpan.Zero)
            Plan(announcement, null);
        else
            Plan(announcement, now + (wasBurst ? random.Between(interval / 2, interval) : interval));
    }

    /// <summary>Sets or (null) clears the time of the next round.</summary>
    public void Plan(Announcement announcement, Instant? due)
    {
        if (announcement.Due is not null)
            _due.Remove(announcement);
        announcement.Due = due;
        if (due is not null)
            _due.Add(announcement);
    }
}
