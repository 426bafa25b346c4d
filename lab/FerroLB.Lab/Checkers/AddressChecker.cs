using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Judges every write of an address into a Service's status, in the order in which the store accepted them: no address to two Services
/// unless they may share it, none outside the pools, and no Service loses an address that nothing spoke against. A controller acts on what
/// it last read, so whatever was true within the last <see cref="Grace"/> still excuses a write; what must hold at rest is the <see
/// cref="AllocationModel"/>'s business.
/// </summary>
public sealed class AddressChecker
{
    private readonly VirtualWorld _world;
    private readonly StoreMirror _mirror;
    private readonly List<PoolForm> _poolForms = [];
    private readonly SortedDictionary<ObjectKey, History> _histories = [];
    private Instant _namespacesChangedAt;

    /// <summary>Listens to a mirror that is not open yet.</summary>
    public AddressChecker(VirtualWorld world, StoreMirror mirror)
    {
        (_world, _mirror) = (world, mirror);
        mirror.Pools.Changed = OnPool;
        mirror.Namespaces.Changed = (_, _) => _namespacesChangedAt = world.Now;
        mirror.Services.Changed = OnService;
    }

    /// <summary>How long ago the controller may have read what it acts on.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Addresses given so far.</summary>
    public long Assignments { get; private set; }

    /// <summary>Whether some Service has, or had within the grace time, the address.</summary>
    public bool WasHeld(IpAddress address) => _histories.Values.Any(history =>
        history.Forms.Any(form => IsRecent(form.Until) && form.View.Addresses.Contains(address)));

    private void OnPool(PoolView? before, PoolView? after)
    {
        if (before is not null && before.Fingerprint == after?.Fingerprint)
            return;
        if (before is not null)
        {
            foreach (var form in _poolForms.Where(form => form.View.Name == before.Name && form.Until is null))
                form.Until = _world.Now;
        }
        if (after is not null)
            _poolForms.Add(new(after, _world.Now));
    }

    private void OnService(ServiceView? before, ServiceView? after)
    {
        var key = (after ?? before)!.Key;
        if (after is null)
        {
            if (_histories.TryGetValue(key, out var ended))
                ended.Forms[^1].Until = _world.Now;
            return;
        }
        if (!_histories.TryGetValue(key, out var history) || history.Uid != after.Uid)
            _histories[key] = history = new(after.Uid, _world.Now);
        var known = history.Forms.Count > 0 ? history.Forms[^1].View : null;
        if (known is not null)
            history.Forms[^1].Until = _world.Now;
        if (known is not null && known.Fingerprint != after.Fingerprint)
            history.EditedAt = _world.Now;
        history.Forms.RemoveAll(form => !IsRecent(form.Until));
        history.Forms.Add(new(after));
        var lost = known?.Addresses.Except(after.Addresses).ToList() ?? [];
        var gained = after.Addresses.Except(known?.Addresses ?? []).ToList();
        if (lost.Count > 0)
            JudgeLoss(history, known!, after, lost);
        foreach (var address in gained)
            JudgeGain(history, after, address);
        if (lost.Count + gained.Count > 0)
            history.AssignedAt = _world.Now;
    }

    private void JudgeGain(History history, ServiceView service, IpAddress address)
    {
        Assignments++;
        if (!_poolForms.Any(form => (IsRecent(form.Until) || IsLastGoodForm(form)) && form.View.Contains(address)))
            _world.Report("R1", $"{service.Key} was given {address}, which lies in no pool");
        foreach (var (key, other) in _histories)
        {
            var form = other.Forms[^1];
            if (other == history || form.Until is not null || !form.View.Addresses.Contains(address))
                continue;
            if (!MaySomehowShare(history, other))
                _world.Report("R1", $"{service.Key} was given {address}, which {key} has, and they may not share it");
        }
    }

    private void JudgeLoss(History history, ServiceView before, ServiceView after, List<IpAddress> lost)
    {
        if (IsRecentFor(history, history.EditedAt) || IsRecentFor(history, _namespacesChangedAt))
            return;
        // The addresses of a dual-stack Service are kept or given up together.
        if (before.Addresses.Any(address => SpeaksAgainst(history, address)))
            return;
        var now = after.Addresses.Count == 0 ? "none" : string.Join(", ", after.Addresses);
        _world.Report("R1", $"{after.Key} lost {string.Join(", ", lost)} (now {now}), and nothing spoke against it");
    }

    private bool SpeaksAgainst(History history, IpAddress address)
    {
        var pool = _poolForms.Find(form => form.Until is null && form.View.Contains(address));
        return pool is null || IsRecentFor(history, pool.Since) ||
            _poolForms.Any(form => form.Until is null && form != pool && (!form.View.IsWellFormed || form.View.Overlaps(pool.View))) ||
            _histories.Values.Any(other => other != history &&
                other.Forms.Any(form => IsRecent(form.Until) && form.View.Addresses.Contains(address)));
    }

    // Whatever changed since the address was given, or so shortly before that the controller may not have known it.
    private bool IsRecentFor(History history, Instant changedAt) =>
        changedAt != Instant.Zero && changedAt.Ticks >= history.AssignedAt.Ticks - Grace.Ticks;

    private bool IsRecent(Instant? until) => until is not { } end || end.Ticks >= _world.Now.Ticks - Grace.Ticks;

    // An edit that cannot be read leaves the form before it in force, however long ago it was.
    private bool IsLastGoodForm(PoolForm form) =>
        form.View.IsWellFormed && _mirror.Pools.Objects.Values.Any(pool => pool.Name == form.View.Name);

    private bool MaySomehowShare(History one, History other) => one.Forms.Any(mine =>
        IsRecent(mine.Until) && other.Forms.Any(theirs => IsRecent(theirs.Until) && mine.View.MayShareWith(theirs.View)));

    private sealed class PoolForm(PoolView view, Instant since)
    {
        public PoolView View => view;

        public Instant Since => since;

        public Instant? Until { get; set; }
    }

    private sealed class ServiceForm(ServiceView view)
    {
        public ServiceView View => view;

        public Instant? Until { get; set; }
    }

    private sealed class History(string uid, Instant createdAt)
    {
        public string Uid => uid;

        public List<ServiceForm> Forms { get; } = [];

        public Instant EditedAt { get; set; } = createdAt;

        public Instant AssignedAt { get; set; } = Instant.MaxValue;
    }
}
