using System;
using System.Collections.Generic;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Writes the condition <see cref="Statement.Announced"/> of the Services for which this speaker speaks: those that it announces, and its
/// share of those that nobody does. Nobody agrees with anybody; each speaker works out whether it is the one.
/// <para>
/// The node says what is to be said about a Service whenever it decided about it. What the Service says already is not written. That it is
/// announced is written at once; that it is not, when it has stayed so for <see cref="Patience"/>, so that an address on its way from one
/// node to the next costs one write and turns nothing to False. Each write replaces the list of conditions as it was last seen, with the
/// version as a precondition, so those of others survive. A statement that somebody else changes is put right, the later the more often
/// that happened: two nodes that both hold themselves for the announcer do not fight over it. At most <see cref="LeastBetween"/> apart
/// are two writes for a Service; <see cref="MostInFlight"/> are under way at most.
/// </para>
/// </summary>
internal sealed class ServiceAnnouncedWriter
{
    /// <summary>Most writes in flight.</summary>
    public const int MostInFlight = 8;

    /// <summary>How long a Service must have been without an announcer before that is said.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The least time between two writes for a Service.</summary>
    public static readonly TimeSpan LeastBetween = TimeSpan.FromSeconds(1);

    private const int Forbidden = 403;
    private static readonly TimeSpan CalmAfter = TimeSpan.FromMinutes(10);
    private static readonly BackOff Restoring = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private static readonly BackOff Forbearing = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));

    private readonly ReflectorMachine<Service> _services;
    private readonly StatusWriter<Service> _writer;
    private readonly WriteQueue _writes;
    private readonly SortedDictionary<ObjectKey, Wish> _wishes = [];
    private readonly SortedSet<(Instant Due, ObjectKey Key)> _due = [];
    private Instant? _heldUntil;
    private int _refusals;
    private bool _isProbing;

    /// <summary>Writes to the Services that are pictured.</summary>
    public ServiceAnnouncedWriter(ReflectorMachine<Service> services, WriteQueue writes, StringTable strings, string fieldManager)
    {
        (_services, _writes) = (services, writes);
        _writer = new StatusWriter<Service>(KubeKinds.Services, services, writes, strings, fieldManager);
    }

    /// <summary>When <see cref="Advance"/> has something to do; the end of a write may bring more.</summary>
    public Instant? NextDeadline =>
        _due.Count == 0 || !HasRoom ? null : _heldUntil is { } held && held > _due.Min.Due ? held : _due.Min.Due;

    private bool HasRoom => _writes.InFlightCount + _writes.ReadyCount < MostInFlight;

    /// <summary>This speaker does not speak for the Service.</summary>
    public void Leave(ObjectKey key)
    {
        if (_wishes.Remove(key, out var wish))
            Unschedule(key, wish);
    }

    /// <summary>Says what the Service is to say.</summary>
    /// <param name="service">The Service as it is seen.</param>
    /// <param name="statement">What it is to say; null for nothing.</param>
    /// <param name="now">The time.</param>
    /// <param name="wait">How long that must have been so before it is said; null for at once, and for <see cref="Patience"/> when it is
    /// that nobody announces.</param>
    public void Set(Service service, Statement? statement, Instant now, TimeSpan? wait = null)
    {
        var patience = wait ?? (statement is { Holds: false } ? Patience : TimeSpan.Zero);
        var key = service.Key;
        var wish = _wishes.GetValueOrDefault(key);
        if (IsSaid(service, statement))
        {
            if (wish is null)
                return;
            (wish.Statement, wish.Patience) = (statement?.In(service.Status.Conditions, Statement.Announced), patience);
            Unschedule(key, wish);
            return;
        }
        if (wish is null)
        {
            _wishes[key] = wish = new Wish { Statement = statement, Patience = patience };
            Schedule(key, wish, FirstDue(wish, now));
        }
        else if (!Equals(wish.Statement, statement) || patience < wish.Patience)
        {
            var due = patience > TimeSpan.Zero && patience == wish.Patience ? wish.Due : null;
            (wish.Statement, wish.Patience) = (statement, patience);
            if (!_writer.IsBusy(key))
                Schedule(key, wish, due ?? FirstDue(wish, now));
        }
        else if (wish.Due is null && !_writer.IsBusy(key))
        {
            Schedule(key, wish, now + Restoring.After(++wish.Restorations));
        }
    }

    /// <summary>Submits the writes that are due, as far as there is room.</summary>
    public void Advance(DateTimeOffset utc, Instant now)
    {
        if (_heldUntil > now)
            return;
        while (HasRoom && _due.Count > 0 && _due.Min.Due <= now)
        {
            var key = _due.Min.Key;
            var wish = _wishes[key];
            Unschedule(key, wish);
            if (_services.Find(key) is not { } service)
                _wishes.Remove(key);
            else if (!IsSaid(service, wish.Statement))
                Write(service, wish, utc, now);
            if (_heldUntil is not null)
                return;
        }
    }

    /// <summary>Takes the end of a write, if it is one of this writer's.</summary>
    public StatusWritten? Complete(WriteOutput.Complete complete, Instant now)
    {
        if (_writer.Complete(complete, now) is not { } written)
            return null;
        NoteRight(written, now);
        if (!_wishes.TryGetValue(written.Key, out var wish))
            return written;
        switch (written.Result)
        {
            case WriteResult.Written or WriteResult.Conflicted:
                // What was decided meanwhile, or is not said by what was read anew, is written as soon as it may be.
                if (_services.Find(written.Key) is { } service && !IsSaid(service, wish.Statement))
                    Schedule(written.Key, wish, written.Result is WriteResult.Conflicted ? now : FirstDue(wish, now));
                break;
            case WriteResult.Gone:
                Leave(written.Key);
                break;
            default:
                Schedule(written.Key, wish, now + Restoring.After(++wish.Restorations));
                break;
        }
        return written;
    }

    // While writing is forbidden, one write after a long wait finds out whether it still is.
    private void NoteRight(StatusWritten written, Instant now)
    {
        if (written.Result is WriteResult.Written)
            (_heldUntil, _refusals) = (null, 0);
        else if (written.Response?.StatusCode == Forbidden && (_isProbing || !(_heldUntil > now)))
            _heldUntil = now + Forbearing.After(++_refusals);
        else
            return;
        _isProbing = false;
    }

    private static bool IsSaid(Service service, Statement? statement)
    {
        var said = Statement.Find(service.Status.Conditions, Statement.Announced);
        return statement is null ? said is null : statement.IsSaidBy(said);
    }

    private static Instant FirstDue(Wish wish, Instant now)
    {
        var due = now + wish.Patience;
        return wish.WrittenAt is { } written && written + LeastBetween > due ? written + LeastBetween : due;
    }

    private void Write(Service service, Wish wish, DateTimeOffset utc, Instant now)
    {
        if (wish.WrittenAt is { } before && now - before > CalmAfter)
            wish.Restorations = 0;
        wish.WrittenAt = now;
        var conditions = Statement.Put(service.Status.Conditions, Statement.Announced, wish.Statement, utc);
        _writer.Patch(service, KubePatch.Conditions(service.Metadata, conditions), now);
        _isProbing = _refusals > 0;
        _heldUntil = _isProbing ? now + Forbearing.First : null;
    }

    private void Schedule(ObjectKey key, Wish wish, Instant due)
    {
        Unschedule(key, wish);
        wish.Due = due;
        _due.Add((due, key));
    }

    private void Unschedule(ObjectKey key, Wish wish)
    {
        if (wish.Due is { } due)
            _due.Remove((due, key));
        wish.Due = null;
    }

    private sealed class Wish
    {
        public Statement? Statement { get; set; }

        /// <summary>How long it must have been so before it is said.</summary>
        public TimeSpan Patience { get; set; }

        public Instant? Due { get; set; }

        public Instant? WrittenAt { get; set; }

        /// <summary>How often in a row the statement was put right, or refused.</summary>
        public int Restorations { get; set; }
    }
}
