namespace FerroLB.Core.Kube.Json;

/// <summary>Why an object could not be read: the first place where its JSON has another shape than its kind asks for.</summary>
/// <param name="Kind">The kind that was expected.</param>
/// <param name="Key">The object's namespace and name, as far as they could be read.</param>
/// <param name="Path">Where, for example "spec.ports[2].port"; "" for the whole object.</param>
/// <param name="Problem">What is wrong there, for example "must be a string, found a number".</param>
public sealed record JsonFault(string Kind, ObjectKey Key, string Path, string Problem);
