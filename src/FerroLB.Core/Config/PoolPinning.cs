using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>
/// Whom a pinned pool serves and when it is tried. Namespaces named and namespaces selected by label add up; Services must match one of
/// their own selectors besides. Selectors that happen to match nothing admit nothing; only where neither names nor selectors are written
/// is everyone admitted.
/// </summary>
/// <param name="Priority">Lower is tried earlier; 0 stands after all others.</param>
/// <param name="Namespaces">Namespaces by name.</param>
/// <param name="NamespaceSelectors">Namespaces by label.</param>
/// <param name="ServiceSelectors">Services by label; empty admits all of the namespaces.</param>
public sealed record PoolPinning(
    int Priority, ImmutableSortedSet<string> Namespaces, SelectorList NamespaceSelectors, SelectorList ServiceSelectors)
{
    /// <summary>Whether a Service with these labels in a namespace with those may use the pool.</summary>
    public bool Admits(
        string namespaceName, IReadOnlyDictionary<string, string> namespaceLabels, IReadOnlyDictionary<string, string> serviceLabels) =>
        AdmitsNamespace(namespaceName, namespaceLabels) && ServiceSelectors.IsEmptyOrMatches(serviceLabels);

    /// <summary>Whether Services of a namespace may use the pool at all.</summary>
    public bool AdmitsNamespace(string name, IReadOnlyDictionary<string, string> labels) =>
        (Namespaces.IsEmpty && NamespaceSelectors.IsEmpty) || Namespaces.Contains(name) || NamespaceSelectors.Matches(labels);

    /// <inheritdoc/>
    public bool Equals(PoolPinning? other) =>
        other is not null && Priority == other.Priority && Namespaces.SequenceEqual(other.Namespaces) &&
        NamespaceSelectors.Equals(other.NamespaceSelectors) && ServiceSelectors.Equals(other.ServiceSelectors);

    /// <inheritdoc/>
    public override int GetHashCode() => Priority;
}
