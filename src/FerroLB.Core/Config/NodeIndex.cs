using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// Answers which nodes a list of selectors covers. A label is looked up in an index that is made when it is asked for first, so that a peer
/// per node costs one look-up each and not a pass over all nodes. Without any node there is one that every selector covers: then any two
/// are taken to meet.
/// </summary>
internal sealed class NodeIndex
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = ImmutableSortedDictionary<string, string>.Empty;
    private readonly IReadOnlyList<Node> _nodes;
    private readonly int[] _all;
    private readonly SortedDictionary<string, SortedDictionary<string, List<int>>> _byLabel = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int[]> _known = new(StringComparer.Ordinal);

    /// <summary>Makes an index of nodes in any order.</summary>
    public NodeIndex(IEnumerable<Node> nodes)
    {
        _nodes = [.. nodes.OrderBy(node => node.Key)];
        _all = [.. Enumerable.Range(0, Math.Max(1, _nodes.Count))];
    }

    /// <summary>How many nodes there are, at least one.</summary>
    public int Count => _all.Length;

    /// <summary>The numbers of the nodes covered, ascending; an empty list covers all.</summary>
    public int[] Covered(SelectorList selectors)
    {
        if (selectors.IsEmpty || _nodes.Count == 0)
            return _all;
        var text = selectors.ToString();
        if (!_known.TryGetValue(text, out var covered))
            _known[text] = covered = [.. selectors.Selectors.SelectMany(Covered).Distinct().Order()];
        return covered;
    }

    /// <summary>The first node that is covered by both, or null.</summary>
    public int? FirstCommon(SelectorList left, SelectorList right)
    {
        var (first, second) = (Covered(left), Covered(right));
        for (int i = 0, j = 0; i < first.Length && j < second.Length;)
        {
            if (first[i] == second[j])
                return first[i];
            if (first[i] < second[j])
                i++;
            else
                j++;
        }
        return null;
    }

    /// <summary>The name of a node for messages; empty when no node is known.</summary>
    public string NameOf(int number) => number < _nodes.Count ? _nodes[number].Key.Name : "";

    private IEnumerable<int> Covered(Selector selector)
    {
        var narrowest = selector.Terms.FirstOrDefault(term => term.Operator == SelectorOperator.In);
        IEnumerable<int> candidates = narrowest is null
            ? _all
            : narrowest.Values.SelectMany(value => Labelled(narrowest.Key).GetValueOrDefault(value) ?? []);
        return candidates.Where(number => selector.Matches(_nodes[number].Metadata.Labels ?? NoLabels));
    }

    private SortedDictionary<string, List<int>> Labelled(string key)
    {
        if (_byLabel.TryGetValue(key, out var byValue))
            return byValue;
        byValue = new(StringComparer.Ordinal);
        for (var i = 0; i < _nodes.Count; i++)
        {
            if (!(_nodes[i].Metadata.Labels ?? NoLabels).TryGetValue(key, out var value))
                continue;
            if (!byValue.TryGetValue(value, out var numbers))
                byValue[value] = numbers = [];
            numbers.Add(i);
        }
        return _byLabel[key] = byValue;
    }
}
