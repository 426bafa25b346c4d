using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Every form that every pool ever had, and from it what may be in force and what surely is. A pool whose present form cannot be used,
/// be it for itself or because it claims addresses of another pool, stays in force as it was before; who started later knows of no earlier
/// form. So which form is in force depends on what a controller saw when: this class says "surely" only where every controller must agree.
/// </summary>
public sealed class PoolHistory(VirtualWorld world)
{
    private readonly SortedDictionary<string, List<Form>> _forms = new(StringComparer.Ordinal);

    /// <summary>How long after a change there may be a controller that has not seen it.</summary>
    public TimeSpan Blindness { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>When the youngest controller that runs was started.</summary>
    public Func<Instant> YoungestStart { get; set; } = () => Instant.Zero;

    /// <summary>Takes note of a change; null for an object that is not there.</summary>
    public void Note(PoolView? before, PoolView? after)
    {
        var name = (before ?? after)!.Name;
        if (before is not null && before.Fingerprint == after?.Fingerprint)
            return;
        if (!_forms.TryGetValue(name, out var forms))
            _forms[name] = forms = [];
        if (forms.Count > 0 && forms[^1].Until is null)
            forms[^1].Until = world.Now;
        if (after is not null)
            forms.Add(new(after, world.Now));
    }

    /// <summary>What may have been in force at some instant of the last while; several forms of one pool for a doubt.</summary>
    public IEnumerable<PoolView> Possible(TimeSpan window) =>
        _forms.Keys.SelectMany(name => Candidates(name, window)).Select(form => form.View);

    /// <summary>The pools that surely are in force as they are now; all others that exist are in doubt.</summary>
    public IEnumerable<PoolView> Certain() => _forms.Keys.Where(name => IsSurelyThere(name, TimeSpan.Zero))
        .Select(name => Candidates(name, TimeSpan.Zero)).Where(forms => forms.Count == 1).Select(forms => forms[0].View);

    /// <summary>Whether some pool exists of which it is in doubt whether and how it is in force.</summary>
    public bool HasDoubts() => _forms.Values.Count(forms => forms[^1].Until is null) != Certain().Count();

    /// <summary>Whether all through the last while some pool was in force that satisfies the condition in each of its forms.</summary>
    public bool SurelyHad(TimeSpan window, Func<PoolView, bool> condition) => _forms.Keys.Any(name =>
        IsSurelyThere(name, window) && Candidates(name, window).All(form => condition(form.View)));

    // The valid forms that may have been in force within the window: those of the window, and earlier ones when these were or are in doubt.
    private List<Form> Candidates(string name, TimeSpan window)
    {
        var inWindow = InWindow(name, window);
        var candidates = inWindow.Where(form => form.View.IsValid).ToList();
        if (inWindow.Count == 0 || (inWindow.All(form => form.View.IsValid) && !inWindow.Any(form => Clashes(name, form, window).Any())))
            return candidates;
        foreach (var form in Earlier(name, inWindow[0]))
        {
            if (!form.View.IsValid)
                continue;
            candidates.Insert(0, form);
            // One that stood for so long undisputed replaced whatever was before it.
            if (form.Until!.Value - form.Since >= Blindness && !Clashes(name, form, TimeSpan.MaxValue).Any())
                break;
        }
        return candidates;
    }

    private bool IsSurelyThere(string name, TimeSpan window)
    {
        var inWindow = InWindow(name, window);
        if (inWindow.Count == 0 || inWindow[^1].Until is not null || Candidates(name, window) is not { Count: > 0 } candidates)
            return false;
        var first = inWindow[0];
        var isOldEnough = first.Since + window <= world.Now || Earlier(name, first).FirstOrDefault()?.Until == first.Since;
        isOldEnough &= inWindow.Zip(inWindow.Skip(1)).All(pair => pair.First.Until == pair.Second.Since);
        var isRemembered = inWindow.All(form => form.View.IsValid || YoungestStart() + Blindness < form.Since) &&
            (candidates[0] != first || first.View.IsValid);
        return isOldEnough && isRemembered &&
            candidates.All(form => Clashes(name, form, window).All(other => IsSenior(name, form, other)));
    }

    // The pool that is in force keeps what a later one claims, for those who saw both come.
    private bool IsSenior(string name, Form form, Form other) =>
        form.Since + Blindness < other.Since && YoungestStart() + Blindness < other.Since &&
        !Clashes(name, form, TimeSpan.MaxValue).Any(earlier =>
            earlier.Since < other.Since && (earlier.Until is not { } until || until + Blindness >= form.Since));

    private IEnumerable<Form> Clashes(string name, Form form, TimeSpan window) => _forms
        .Where(pair => pair.Key != name)
        .SelectMany(pair => InWindow(pair.Key, window).SelectMany(recent =>
            IsPlain(pair.Key, recent, window) ? [recent] : Earlier(pair.Key, recent).Prepend(recent)))
        .Where(other => other.View.IsValid && other.View.Overlaps(form.View));

    // Nothing speaks against it, so it is what it says and not what it was before.
    private bool IsPlain(string name, Form form, TimeSpan window) => form.View.IsValid && !_forms.Keys.Any(other =>
        other != name && InWindow(other, window).Any(theirs => theirs.View.IsValid && theirs.View.Overlaps(form.View)));

    private List<Form> InWindow(string name, TimeSpan window) =>
        [.. _forms[name].Where(form => form.Until is not { } until || (window > TimeSpan.Zero && IsWithin(until, window)))];

    private bool IsWithin(Instant until, TimeSpan window) => window == TimeSpan.MaxValue || until + window >= world.Now;

    private IEnumerable<Form> Earlier(string name, Form than) => _forms[name].Take(_forms[name].IndexOf(than)).Reverse();

    private sealed class Form(PoolView view, Instant since)
    {
        public PoolView View => view;

        public Instant Since => since;

        public Instant? Until { get; set; }
    }
}
