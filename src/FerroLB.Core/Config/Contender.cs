using System;
using System.Collections.Immutable;

namespace FerroLB.Core.Config;

/// <summary>One object of the configuration on its way into force.</summary>
/// <typeparam name="T">The kind's valid form.</typeparam>
/// <param name="written">The object as written; null when that is invalid. The same instance as the previous form when nothing changed.
/// </param>
/// <param name="previous">The form in force before, if any.</param>
/// <param name="faults">What is wrong with it.</param>
internal sealed class Contender<T>(T? written, T? previous, FaultList faults)
    where T : class
{
    private readonly T? _formBefore = previous;

    /// <summary>When the object was created; null while it is not stored yet, so that it comes last.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The object as written, if that is valid.</summary>
    public T? Written { get; } = written;

    /// <summary>The form to fall back to.</summary>
    public T? Previous { get; set; } = previous;

    /// <summary>The form in force, or null when the object is left out.</summary>
    public T? Form { get; set; } = written ?? previous;

    /// <summary>What speaks against the object as written.</summary>
    public Objection? Objection { get; set; }

    /// <summary>What is wrong with the object on its own.</summary>
    public FaultList Faults { get; } = faults;

    /// <summary>Forms in force come first, then changed ones, then new ones.</summary>
    public int Tier => ReferenceEquals(Form, Previous) ? 0 : Previous is not null ? 1 : 2;

    /// <summary>Begins again with the object as written, or as it was when what is written is invalid.</summary>
    public void Restart()
    {
        Form = Written ?? Previous;
        Objection = null;
    }

    /// <summary>Every reason against the object as written. Only an object that is not in force as written has an objection.</summary>
    public ImmutableArray<ConfigRejection> ToRejections()
    {
        if (Objection is not null && !ReferenceEquals(Form, Written))
            Faults.Add(Objection);
        return Faults.ToRejections(Form is not null && !ReferenceEquals(Form, Written) && _formBefore is not null);
    }
}
