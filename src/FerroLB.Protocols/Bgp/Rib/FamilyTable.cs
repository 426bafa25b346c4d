using System.Collections.Generic;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>One family's groups, its withdrawals, and the marks around its whole table.</summary>
internal sealed class FamilyTable(AddressFamily family)
{
    private readonly Dictionary<RouteTerms, RouteGroup> _groups = [];

    /// <summary>Which family.</summary>
    public AddressFamily Family { get; } = family;

    /// <summary>The same on the wire.</summary>
    public BgpFamily Wire { get; } = BgpFamily.UnicastOf(family);

    /// <summary>Routes to withdraw.</summary>
    public SlotList Withdrawals = SlotList.Empty;

    /// <summary>Whether the session carries the family.</summary>
    public bool IsCarried { get; set; }

    /// <summary>How many routes the peer shall know.</summary>
    public int DesiredCount { get; set; }

    /// <summary>How many routes the peer was told and not told to forget.</summary>
    public int SentCount { get; set; }

    /// <summary>How many routes the mark at the end waits for.</summary>
    public int AwaitedCount { get; set; }

    /// <summary>Whether the mark at the beginning of a refresh is to be sent.</summary>
    public bool IsBeginDue { get; set; }

    /// <summary>What is to be sent when the table is complete.</summary>
    public TableMark EndMark { get; set; }

    /// <summary>Whether the peer asked again while its last wish was still being fulfilled.</summary>
    public bool IsRefreshWanted { get; set; }

    /// <summary>The group of some terms, made if there is none, with one more user.</summary>
    public RouteGroup Acquire(RouteTerms terms)
    {
        if (!_groups.TryGetValue(terms, out var group))
            _groups.Add(terms, group = new(terms, this));
        group.UseCount++;
        return group;
    }

    /// <summary>One user less; the last one takes the group along.</summary>
    public void Release(RouteGroup group)
    {
        if (--group.UseCount == 0)
            _groups.Remove(group.Terms);
    }

    /// <summary>Forgets what belongs to a session.</summary>
    public void Reset(bool isCarried)
    {
        IsCarried = isCarried;
        AwaitedCount = 0;
        IsBeginDue = IsRefreshWanted = false;
        EndMark = isCarried ? TableMark.EndOfRib : TableMark.None;
        ForgetOctets();
    }

    /// <summary>Lets the attributes be written anew.</summary>
    public void ForgetOctets()
    {
        foreach (var group in _groups.Values)
            group.Forget();
    }
}
