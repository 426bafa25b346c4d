using System;
using System.Collections.Generic;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>
/// What one peer shall know and what it was told (RFC 4271 section 3.2, Adj-RIB-Out). This is how a wish becomes an UPDATE:
/// <code>
/// rib.Apply([new(prefix, terms), new(other, null)]);      // any time, with or without a session
/// rib.SessionUp(session);                                 // the peer knows nothing: all of it is pending
/// while (socket can take it &amp;&amp; rib.WriteNext(buffer) is > 0 and var length) Send(buffer[..length]);
/// rib.SessionDown();
/// </code>
/// Each prefix has a slot with what is desired and what was sent. A slot in which these differ is linked into the list of its group (all
/// routes with the same terms) or of its family's withdrawals, so the cost is that of the change. Nothing is queued: a message is made when
/// the peer can take it, from what is desired then, and a prefix that changed ten times meanwhile is sent once.
/// <para>
/// Of one <see cref="Apply"/>, announcements go before withdrawals, so that traffic finds the new route before the old one goes; earlier
/// changes go before later ones. The whole table of a family is followed by End-of-RIB (RFC 4724), and by EoRR when the peer asked for it
/// again (RFC 7313). Incoming routes have no place here: all are denied, and none is stored.
/// </para>
/// </summary>
public sealed class AdjRibOut
{
    private readonly RouteSlots _slots = new();
    private readonly FamilyTable _ipv4 = new(AddressFamily.IPv4);
    private readonly FamilyTable _ipv6 = new(AddressFamily.IPv6);
    private readonly Queue<RouteGroup> _ready = new();
    private RibSession? _session;
    private uint _generation;
    private uint _stamp;

    /// <summary>Whether a session is up.</summary>
    public bool IsUp => _session is not null;

    /// <summary>Whether the peer is asked to prefer others (RFC 8326).</summary>
    public bool IsShuttingDown { get; private set; }

    /// <summary>How many routes wait to be sent or withdrawn.</summary>
    public int PendingCount { get; private set; }

    /// <summary>Whether <see cref="WriteNext"/> has something to write.</summary>
    public bool HasWork => PendingCount > 0 || HasMark(_ipv4) || HasMark(_ipv6);

    /// <summary>How many routes of a family the peer shall know, whether or not the session carries the family.</summary>
    public int DesiredCount(AddressFamily family) => TableOf(family).DesiredCount;

    /// <summary>How many routes of a family the peer knows.</summary>
    public int SentCount(AddressFamily family) => TableOf(family).SentCount;

    /// <summary>Whether End-of-RIB was sent for all families of the session.</summary>
    public bool IsInitialTableSent =>
        IsUp && _ipv4.EndMark != TableMark.EndOfRib && _ipv6.EndMark != TableMark.EndOfRib;

    /// <summary>What the peer was last told of a prefix; null for nothing.</summary>
    public RouteTerms? SentTermsOf(IpPrefix prefix) => _slots.TryFind(prefix, out var slot) ? _slots[slot].Sent?.Terms : null;

    /// <summary>Changes what the peer shall know. A prefix that occurs twice has the later terms.</summary>
    public void Apply(ReadOnlySpan<RouteChange> changes)
    {
        BeginChange();
        foreach (ref readonly var change in changes)
            Want(change.Prefix, change.Terms);
    }

    /// <summary>Replaces all that the peer shall know; what is not among the routes is withdrawn.</summary>
    public void Replace(ReadOnlySpan<RouteChange> routes)
    {
        BeginChange();
        _stamp = unchecked(_stamp + 1);
        foreach (ref readonly var route in routes)
        {
            Want(route.Prefix, route.Terms);
            if (route.Terms is not null && _slots.TryFind(route.Prefix, out var slot))
                _slots[slot].Stamp = _stamp;
        }
        for (var slot = 0; slot < _slots.Limit; slot++)
        {
            if (_slots.IsUsed(slot) && _slots[slot].Desired is not null && _slots[slot].Stamp != _stamp)
                Want(_slots[slot].Prefix, null);
        }
    }

    /// <summary>A session is established: the peer knows nothing.</summary>
    public void SessionUp(RibSession session)
    {
        SessionDown();
        _session = session;
        _ipv4.Reset(session.Carries(AddressFamily.IPv4));
        _ipv6.Reset(session.Carries(AddressFamily.IPv6));
        BeginChange();
        for (var slot = 0; slot < _slots.Limit; slot++)
        {
            if (!_slots.IsUsed(slot) || _slots[slot].Desired is not { Table.IsCarried: true } group)
                continue;
            Await(slot, group.Table);
            Decide(slot);
        }
    }

    /// <summary>The session is gone, and with it all that the peer knew. A shutdown that was under way is over.</summary>
    public void SessionDown()
    {
        IsShuttingDown = false;
        if (_session is null)
            return;
        _session = null;
        _ipv4.Reset(isCarried: false);
        _ipv6.Reset(isCarried: false);
        for (var slot = 0; slot < _slots.Limit; slot++)
        {
            if (!_slots.IsUsed(slot))
                continue;
            _slots[slot].Resend = _slots[slot].IsAwaited = false;
            SetSent(slot, null);
            Decide(slot);
        }
        while (_ready.TryDequeue(out var group))
            group.IsQueued = false;
    }

    /// <summary>Something about the session changed while it lasts, as its next hops: every route is sent again, or withdrawn if its family
    /// has no next hop any more.</summary>
    public void SessionChanged(RibSession session)
    {
        if (_session is null)
            return;
        _session = session;
        ChangeCarried(_ipv4, session);
        ChangeCarried(_ipv6, session);
        ResendAll();
    }

    /// <summary>The peer asks for all routes of a family again (RFC 2918); false when the session does not carry it, which is no error
    /// (RFC 2918 section 4: passed over).</summary>
    public bool Refresh(BgpFamily family)
    {
        if (!family.IsUnicast || TableOf(family.AddressFamily) is not { IsCarried: true } table)
            return false;
        table.IsRefreshWanted = true;
        BeginWantedRefresh(table);
        return true;
    }

    /// <summary>Announces all routes again with the graceful shutdown community (RFC 8326), until the session ends.</summary>
    public void BeginShutdown()
    {
        if (_session is null || IsShuttingDown)
            return;
        IsShuttingDown = true;
        ResendAll();
    }

    /// <summary>
    /// Writes the next message and returns its length; 0 when there is nothing to tell. Allocates nothing once the groups' attributes are
    /// written.
    /// </summary>
    /// <param name="buffer">
    /// Where to write; a message is never longer, nor longer than the peer reads. One that is shorter than
    /// <see cref="BgpNegotiated.MostMessageBytes"/> may be too short for the attributes that are next: then nothing is written.
    /// </param>
    public int WriteNext(Span<byte> buffer)
    {
        if (_session is not { } session || buffer.Length < BgpUpdateWriter.OverheadBytes)
            return 0;
        var message = buffer[..Math.Min(buffer.Length, session.Negotiated.MostMessageBytes)];
        if (WriteMark(_ipv4, message) is > 0 and var first)
            return first;
        if (WriteMark(_ipv6, message) is > 0 and var second)
            return second;
        while (_ready.TryPeek(out var empty) && empty.Pending.IsEmpty)
            _ready.Dequeue().IsQueued = false;
        var group = _ready.Count > 0 ? _ready.Peek() : null;
        var withdrawing = OldestWithdrawals();
        if (withdrawing is not null && (group is null || GenerationOf(withdrawing.Withdrawals) < GenerationOf(group.Pending)))
            return WriteWithdrawals(withdrawing, session, message);
        return group is null ? 0 : WriteAnnouncements(group, session, message);
    }

    private static bool HasMark(FamilyTable table) => table.IsBeginDue || (table.EndMark != TableMark.None && table.AwaitedCount == 0);

    private FamilyTable TableOf(AddressFamily family) => family == AddressFamily.IPv4 ? _ipv4 : _ipv6;

    private uint GenerationOf(in SlotList list) => _slots[list.Head].Generation;

    private void BeginChange()
    {
        // With nothing pending, nothing has to be put in order; numbers never run out then.
        _generation = PendingCount == 0 ? 1 : _generation + 1;
    }

    private void Want(in IpPrefix prefix, RouteTerms? terms)
    {
        if (!_slots.TryFind(prefix, out var slot))
        {
            if (terms is null)
                return;
            slot = _slots.Add(prefix);
        }
        var table = TableOf(prefix.Family);
        var before = _slots[slot].Desired;
        if (terms is null ? before is null : before is not null && before.Terms.Equals(terms))
            return;
        Unlink(slot);
        _slots[slot].Desired = terms is null ? null : table.Acquire(terms);
        table.DesiredCount += (terms is null ? 0 : 1) - (before is null ? 0 : 1);
        if (before is not null)
            table.Release(before);
        Decide(slot);
    }

    /// <summary>Puts a slot where it belongs: into a list if the peer has to be told, away if nobody needs it any more.</summary>
    private void Decide(int slot)
    {
        Unlink(slot);
        ref var entry = ref _slots[slot];
        var table = TableOf(entry.Prefix.Family);
        var announces = entry.Desired is { } group && (entry.Resend || entry.Desired != entry.Sent) && CanSend(group);
        if (announces)
        {
            Link(slot, PendingKind.Announce);
            _slots.Append(ref entry.Desired!.Pending, slot);
            Queue(entry.Desired);
            return;
        }
        if (entry.Sent is not null && (entry.Desired is null || !CanSend(entry.Desired)))
        {
            Link(slot, PendingKind.Withdraw);
            _slots.Append(ref table.Withdrawals, slot);
            return;
        }
        Arrived(slot, table);
        if (entry.Desired is null && entry.Sent is null)
            _slots.Remove(slot);
    }

    private void Link(int slot, PendingKind kind)
    {
        ref var entry = ref _slots[slot];
        entry.Pending = kind;
        entry.Generation = _generation;
        PendingCount++;
    }

    private void Unlink(int slot)
    {
        ref var entry = ref _slots[slot];
        if (entry.Pending == PendingKind.None)
            return;
        if (entry.Pending == PendingKind.Announce)
            _slots.Unlink(ref entry.Desired!.Pending, slot);
        else
            _slots.Unlink(ref TableOf(entry.Prefix.Family).Withdrawals, slot);
        entry.Pending = PendingKind.None;
        PendingCount--;
    }

    private void Queue(RouteGroup group)
    {
        if (group.IsQueued)
            return;
        group.IsQueued = true;
        _ready.Enqueue(group);
    }

    private bool CanSend(RouteGroup group)
    {
        if (_session is null || !group.Table.IsCarried)
            return false;
        if (group.Octets is null)
            group.Prepare(_session, IsShuttingDown);
        return group.Fits;
    }

    private void Await(int slot, FamilyTable table)
    {
        if (_slots[slot].IsAwaited)
            return;
        _slots[slot].IsAwaited = true;
        table.AwaitedCount++;
    }

    private void Arrived(int slot, FamilyTable table)
    {
        ref var entry = ref _slots[slot];
        entry.Resend = false;
        if (!entry.IsAwaited)
            return;
        entry.IsAwaited = false;
        table.AwaitedCount--;
    }

    private void SetSent(int slot, RouteGroup? group)
    {
        ref var entry = ref _slots[slot];
        var before = entry.Sent;
        if (before == group)
            return;
        entry.Sent = group;
        var table = TableOf(entry.Prefix.Family);
        table.SentCount += (group is null ? 0 : 1) - (before is null ? 0 : 1);
        if (group is not null)
            group.UseCount++;
        if (before is not null)
            table.Release(before);
    }

    private static void ChangeCarried(FamilyTable table, RibSession session)
    {
        var isCarried = session.Carries(table.Family);
        if (isCarried == table.IsCarried)
            return;
        table.IsCarried = isCarried;
        table.EndMark = isCarried ? TableMark.EndOfRib : TableMark.None;
    }

    private void ResendAll()
    {
        _ipv4.ForgetOctets();
        _ipv6.ForgetOctets();
        BeginChange();
        for (var slot = 0; slot < _slots.Limit; slot++)
        {
            if (!_slots.IsUsed(slot))
                continue;
            _slots[slot].Resend = _slots[slot].Sent is not null;
            Decide(slot);
        }
    }

    private void BeginWantedRefresh(FamilyTable table)
    {
        // BoRR must not come before End-of-RIB, nor inside another refresh (RFC 7313 section 4).
        if (!table.IsRefreshWanted || table.EndMark != TableMark.None)
            return;
        table.IsRefreshWanted = false;
        var hasMarks = _session!.Negotiated.EnhancedRouteRefresh;
        table.IsBeginDue = hasMarks;
        table.EndMark = hasMarks ? TableMark.EndOfRefresh : TableMark.Silent;
        BeginChange();
        for (var slot = 0; slot < _slots.Limit; slot++)
        {
            if (!_slots.IsUsed(slot) || _slots[slot].Prefix.Family != table.Family)
                continue;
            // A withdrawal is awaited as well: if the route comes back before it was sent, the peer must not sweep it with the stale ones.
            _slots[slot].Resend = true;
            Await(slot, table);
            Decide(slot);
        }
    }

    private int WriteMark(FamilyTable table, Span<byte> message)
    {
        if (table.IsBeginDue)
        {
            table.IsBeginDue = false;
            return BgpMessageWriter.WriteRouteRefresh(message, new(table.Wire, BgpRouteRefreshKind.Begin));
        }
        if (table.EndMark == TableMark.None || table.AwaitedCount > 0)
            return 0;
        var mark = table.EndMark;
        table.EndMark = TableMark.None;
        var length = mark switch
        {
            TableMark.EndOfRib => BgpUpdateWriter.WriteEndOfRib(message, table.Wire),
            TableMark.EndOfRefresh => BgpMessageWriter.WriteRouteRefresh(message, new(table.Wire, BgpRouteRefreshKind.End)),
            _ => 0,
        };
        BeginWantedRefresh(table);
        return length > 0 ? length : WriteMark(table, message);
    }

    private FamilyTable? OldestWithdrawals()
    {
        if (_ipv4.Withdrawals.IsEmpty)
            return _ipv6.Withdrawals.IsEmpty ? null : _ipv6;
        return !_ipv6.Withdrawals.IsEmpty && GenerationOf(_ipv6.Withdrawals) < GenerationOf(_ipv4.Withdrawals) ? _ipv6 : _ipv4;
    }

    private int WriteWithdrawals(FamilyTable table, RibSession session, Span<byte> message)
    {
        // A family that lost its next hop is withdrawn as it would be without one.
        var asMultiProtocol = session.NextHopOf(table.Family) is { Address.IsIPv6: true };
        var update = BgpUpdateWriter.Withdraw(message, table.Wire, asMultiProtocol);
        for (var slot = table.Withdrawals.Head; slot != RouteSlots.None && update.TryAdd(_slots[slot].Prefix);)
        {
            Unlink(slot);
            SetSent(slot, null);
            Decide(slot);
            slot = table.Withdrawals.Head;
        }
        return update.Finish();
    }

    private int WriteAnnouncements(RouteGroup group, RibSession session, Span<byte> message)
    {
        var table = group.Table;
        if (group.Octets!.Length + BgpUpdateWriter.OverheadBytes > message.Length)
            return 0;
        var update = BgpUpdateWriter.Announce(message, table.Wire, session.NextHopOf(table.Family)!.Value, group.Octets);
        for (var slot = group.Pending.Head; slot != RouteSlots.None && update.TryAdd(_slots[slot].Prefix);)
        {
            Unlink(slot);
            SetSent(slot, group);
            Arrived(slot, table);
            slot = group.Pending.Head;
        }
        _ready.Dequeue();
        group.IsQueued = false;
        // What is left goes behind the other groups, so that none of them waits for a group that is filled again and again.
        if (!group.Pending.IsEmpty)
            Queue(group);
        return update.Finish();
    }
}
