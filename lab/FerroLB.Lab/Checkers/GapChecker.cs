using System;
using System.Collections.Generic;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Asks for addresses again and again, as a client without a cache would, and keeps how many questions nobody answered and for how long at
/// a stretch. The wire must be good: an answer that takes longer than half the spacing counts as none.
/// </summary>
public sealed class GapChecker : IEventTarget
{
    private const int Ask = 1;
    private const int Listen = 2;

    private readonly VirtualWorld _world;
    private readonly Prober _prober;
    private readonly SortedDictionary<IpAddress, Instant> _unansweredSince = [];
    private readonly SortedDictionary<IpAddress, TimeSpan> _longest = [];
    private IReadOnlyCollection<IpAddress> _addresses = [];
    private Instant _askedAt;
    private int _life;

    /// <summary>Makes a checker that does not ask yet.</summary>
    public GapChecker(VirtualWorld world, Prober prober) => (_world, _prober) = (world, prober);

    /// <summary>How often every address is asked for.</summary>
    public TimeSpan Spacing { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Questions since <see cref="Start"/>.</summary>
    public long Questions { get; private set; }

    /// <summary>Those that nobody answered.</summary>
    public long Unanswered { get; private set; }

    /// <summary>Those that two nodes answered.</summary>
    public long Doubles { get; private set; }

    /// <summary>The longest time without an answer, of all addresses but those given, the time that goes on still included.</summary>
    public TimeSpan LongestGap(Predicate<IpAddress>? isExcused = null)
    {
        var longest = TimeSpan.Zero;
        foreach (var address in _addresses)
        {
            if (isExcused?.Invoke(address) != true && _longest.GetValueOrDefault(address) is var gap && gap > longest)
                longest = gap;
        }
        return longest;
    }

    /// <summary>Forgets what was counted, and asks for these from now on.</summary>
    public void Start(IReadOnlyCollection<IpAddress> addresses)
    {
        _addresses = addresses;
        _unansweredSince.Clear();
        _longest.Clear();
        Questions = Unanswered = Doubles = 0;
        _world.After(TimeSpan.Zero, this, Ask, ++_life);
    }

    /// <summary>Asks no more.</summary>
    public void Stop() => _life++;

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        if ((int)payload! != _life)
            return;
        if (code == Ask)
        {
            _askedAt = _world.Now;
            _prober.Ask(_addresses);
            _world.After(Spacing / 2, this, Listen, payload);
            _world.After(Spacing, this, Ask, payload);
            return;
        }
        foreach (var address in _addresses)
            Judge(address, _prober.Answers[address].Count);
    }

    private void Judge(IpAddress address, int answers)
    {
        Questions++;
        Doubles += answers > 1 ? 1 : 0;
        if (answers > 0)
        {
            _unansweredSince.Remove(address);
            return;
        }
        Unanswered++;
        _unansweredSince.TryAdd(address, _askedAt);
        var gap = _askedAt + Spacing - _unansweredSince[address];
        if (gap > _longest.GetValueOrDefault(address))
            _longest[address] = gap;
    }
}
