namespace FerroLB.Core.Kube.Watch;

/// <summary>Which objects a reflector pictures.</summary>
/// <param name="Namespace">Only objects of this namespace; null for all.</param>
/// <param name="LabelSelector">Only objects with these labels; null for all.</param>
/// <param name="FieldSelector">Only objects with these field values; null for all.</param>
public sealed record ReflectorOptions(string? Namespace = null, string? LabelSelector = null, string? FieldSelector = null);
