namespace FerroLB.Core.Config;

/// <summary>An object on the API server that could not be read.</summary>
/// <param name="Kind">The object's kind, such as IPAddressPool.</param>
/// <param name="Object">The object's namespace and name.</param>
/// <param name="Field">Path of the first field of another shape; "" for the whole object.</param>
/// <param name="Problem">What is wrong there, such as "must be a string, found a number".</param>
public sealed record UnreadableObject(string Kind, ObjectKey Object, string Field, string Problem);
