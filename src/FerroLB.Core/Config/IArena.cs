namespace FerroLB.Core.Config;

/// <summary>Where the objects of one kind meet that may exclude each other. They enter one after the other.</summary>
/// <typeparam name="T">The kind's valid form.</typeparam>
internal interface IArena<in T>
{
    /// <summary>Whether a form may enter in spite of an objection, which then limits its effect only.</summary>
    bool AdmitsLosers => false;

    /// <summary>What speaks against a form beside those that entered; null when nothing does.</summary>
    Objection? Judge(T form);

    /// <summary>Lets a form enter.</summary>
    void Enter(T form);

    /// <summary>Every form that was in force before has entered; now come the changed and the new ones.</summary>
    void BeginChallenges()
    {
    }
}
