namespace FerroLB.Core.Config;

/// <summary>
/// One reason why a configuration object is not in force as written: what stands where, which rule it breaks and how to mend it. Equal
/// rejections of two builds mean that nothing new has to be told.
/// </summary>
/// <param name="Kind">The object's kind, such as IPAddressPool.</param>
/// <param name="Object">The object's namespace and name.</param>
/// <param name="Field">Path of the field, such as spec.addresses[2].</param>
/// <param name="Value">The offending value as written; empty when the fault is that nothing is there.</param>
/// <param name="Rule">What is wrong, as the end of a sentence that begins with the field.</param>
/// <param name="Remedy">What the user can do, as a sentence without its full stop.</param>
/// <param name="LastValidFormInForce">Whether the object's last valid form is still used; otherwise the object is left out.</param>
public sealed record ConfigRejection(
    string Kind, ObjectKey Object, string Field, string Value, string Rule, string Remedy, bool LastValidFormInForce)
{
    /// <summary>
    /// Whether the only fault is a reference to an object that does not exist, and may come later. Admission lets such objects pass.
    /// </summary>
    public bool IsMissingReference { get; init; }

    /// <summary>
    /// What follows when it is neither that the object is left out nor that its last valid form is used, such as "it is not used for pool
    /// \"x\""; otherwise null.
    /// </summary>
    public string? PartialConsequence { get; init; }

    /// <summary>The statement without the consequence, for those who can still prevent it: object, field, value, rule and remedy.</summary>
    public string Complaint => $"{Kind} {Object}: {Finding}. {Remedy}.";

    private string Finding => (Field, Value) switch
    {
        ("", "") => Rule,
        ("", _) => $"\"{Value}\" {Rule}",
        (_, "") => $"{Field} {Rule}",
        _ => $"{Field} \"{Value}\" {Rule}",
    };

    /// <summary>The whole statement for the user: object, field, value, rule, remedy and consequence.</summary>
    public override string ToString()
    {
        var consequence = PartialConsequence ??
            (LastValidFormInForce ? "the last valid form stays in force" : "the object is not in force");
        return $"{Kind} {Object}: {Finding}; {consequence}. {Remedy}.";
    }
}
