using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Announcing;

/// <summary>
/// Judges what other hosts say about addresses that this node announces.
/// <para>
/// A claim is defended by a round on that interface, at most one per 1.1 s, and not at once: the new owner of an address that moves may be
/// heard a moment before this node learns of the move, and must not be contradicted. For the same reason one claim is no conflict, nor are
/// those that come while ownership settles; it is one when claims are heard 1.5 s after the first and within five minutes of it, that is,
/// when the other host heard the defence and goes on. A conflict ends when no claim was heard for five minutes: hosts that have an address
/// by mistake say so only when they ask for somebody.
/// </para>
/// </summary>
internal sealed class ClaimJudge(AnnouncementSchedule schedule, Queue<AnnouncementEvent> events)
{
    public static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan DefenceDelay = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan ConfirmAfter = TimeSpan.FromMilliseconds(1500);
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CountSpacing = TimeSpan.FromSeconds(1);

    private readonly PriorityQueue<Conflict, (Instant, IpAddress, int)> _open = new();

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => _open.TryPeek(out _, out var order) ? order.Item1 : null;

    /// <summary>Another host claims an address that this node owns and does not give away.</summary>
    public void Hear(Announcement announcement, MacAddress mac, Instant now)
    {
        if (now - announcement.Since < SettlingTime)
            return;
        schedule.Defend(announcement, now + DefenceDelay);
        if (announcement.Conflict is not { } conflict || (!conflict.IsConfirmed && now - conflict.FirstClaim > Quiet))
            conflict = announcement.Conflict = new(announcement, mac, now);
        conflict.LastClaim = now;
        if (!conflict.IsConfirmed && now - conflict.FirstClaim >= ConfirmAfter)
        {
            conflict.IsConfirmed = true;
            Open(conflict);
            conflict.Mac = mac;
            Tell(conflict, AnnouncementEventKind.ConflictBegan);
            Count(conflict, now);
        }
        else if (conflict.IsConfirmed && now - conflict.LastCounted >= CountSpacing)
        {
            Count(conflict, now);
        }
    }

    /// <summary>The announcement is no longer this node's to defend.</summary>
    public void Forget(Announcement announcement)
    {
        if (announcement.Conflict is not { } conflict)
            return;
        announcement.Conflict = null;
        if (conflict.IsConfirmed)
            Tell(conflict, AnnouncementEventKind.ConflictEnded);
    }

    /// <summary>Ends the conflicts of which nothing was heard for long.</summary>
    public void Advance(Instant now)
    {
        while (_open.TryPeek(out var conflict, out var order) && order.Item1 <= now)
        {
            _open.Dequeue();
            if (conflict.Announcement.Conflict != conflict)
                continue;
            if (now - conflict.LastClaim < Quiet)
                Open(conflict);
            else
                Forget(conflict.Announcement);
        }
    }

    private void Open(Conflict conflict)
    {
        var (address, link) = (conflict.Announcement.Address.Address, conflict.Announcement.Link.Link.Index);
        _open.Enqueue(conflict, (conflict.LastClaim + Quiet, address, link));
    }

    private void Count(Conflict conflict, Instant now)
    {
        conflict.LastCounted = now;
        Tell(conflict, AnnouncementEventKind.ClaimCounted);
    }

    private void Tell(Conflict conflict, AnnouncementEventKind kind) => events.Enqueue(new(
        kind, conflict.Announcement.Address.Address, conflict.Announcement.Link.Link.Index, conflict.Mac));
}

/// <summary>Another host's claims of one address on one interface.</summary>
internal sealed class Conflict(Announcement announcement, MacAddress mac, Instant firstClaim)
{
    public readonly Announcement Announcement = announcement;
    public readonly Instant FirstClaim = firstClaim;
    public MacAddress Mac = mac;
    public Instant LastClaim = firstClaim;
    public Instant LastCounted;
    public bool IsConfirmed;
}
