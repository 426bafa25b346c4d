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
    private const int ShownLength = 200;
    private readonly List<ConfigRejection> _faults = [];

    /// <summary>Whether nothing is wrong so far.</summary>
    public bool IsEmpty => _faults.Count == 0;

    /// <summary>Adds a fault; the parameters are those of <see cref="ConfigRejection"/>.</summary>
    public void Add(string field, string value, string rule, string remedy) => Add(new(field, value, rule, remedy));

    /// <summary>Adds what speaks against the object beside others.</summary>
    public void Add(Objection objection) => Keep(Rejection(objection));

    /// <summary>Adds a reference to an object that does not exist.</summary>
    public void AddMissing(string field, string value, string rule, string remedy) =>
        Keep(Rejection(new(field, value, rule, remedy)) with { IsMissingReference = true });

    /// <summary>Adds a fault that limits the object's effect only.</summary>
    public void AddPartial(Objection objection, string consequence) => Keep(Rejection(objection) with { PartialConsequence = consequence });

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
        [.. _faults.Select(fault => fault with { LastValidFormInForce = lastValidFormInForce && fault.PartialConsequence is null })];

    private void Keep(ConfigRejection fault)
    {
        if (_faults.Count < KeptCount)
            _faults.Add(fault);
    }

    private ConfigRejection Rejection(Objection objection)
    {
        var value = objection.Value.Length <= ShownLength ? objection.Value : objection.Value[..ShownLength] + "...";
        return new(kind, key, objection.Field, value, objection.Rule, objection.Remedy, LastValidFormInForce: false);
    }
}
