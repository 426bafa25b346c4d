using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>
/// Collects what is wrong with one object. Only the first faults are kept: a broken list of thousands needs no thousand messages.
/// </summary>
internal sealed class FaultList(string kind, ObjectKey key)
{
    private const int KeptCount = 10;
    private readonly List<ConfigRejection> _faults = [];

    /// <summary>Whether nothing is wrong so far.</summary>
    public bool IsEmpty => _faults.Count == 0;

    /// <summary>Adds a fault; the parameters are those of <see cref="ConfigRejection"/>.</summary>
    public void Add(string field, string value, string rule, string remedy)
    {
        if (_faults.Count < KeptCount)
            _faults.Add(new(kind, key, field, value, rule, remedy, LastValidFormInForce: false));
    }

    /// <summary>Adds a fault for every string that a list holds more than once.</summary>
    public void AddDuplicates(string field, IReadOnlyList<string> values)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < values.Count; i++)
        {
            if (!seen.Add(values[i]))
                Add($"{field}[{i}]", values[i], "is listed twice", "Remove one of the two");
        }
    }

    /// <summary>The faults, with the consequence that they have.</summary>
    public ImmutableArray<ConfigRejection> ToRejections(bool lastValidFormInForce) =>
        [.. _faults.Select(fault => fault with { LastValidFormInForce = lastValidFormInForce })];
}
