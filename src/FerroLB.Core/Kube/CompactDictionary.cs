using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

namespace FerroLB.Core.Kube;

/// <summary>
/// A small immutable map of strings, as labels, annotations and selectors are: one array, sorted by key (ordinal). It costs a fraction of a
/// dictionary's memory, iterates in a fixed order and compares by content.
/// </summary>
public sealed class CompactDictionary : IReadOnlyDictionary<string, string>, IEquatable<CompactDictionary>
{
    private readonly KeyValuePair<string, string>[] _entries;

    private CompactDictionary(KeyValuePair<string, string>[] entries) => _entries = entries;

    /// <summary>The map without entries.</summary>
    public static CompactDictionary Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _entries.Length;

    /// <inheritdoc/>
    public IEnumerable<string> Keys
    {
        get
        {
            foreach (var entry in _entries)
                yield return entry.Key;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> Values
    {
        get
        {
            foreach (var entry in _entries)
                yield return entry.Value;
        }
    }

    /// <inheritdoc/>
    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    /// <summary>Sorts and keeps the entries; of a repeated key the last one counts.</summary>
    public static CompactDictionary From(IEnumerable<KeyValuePair<string, string>> entries)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
            sorted[key] = value;
        return sorted.Count == 0 ? Empty : new([.. sorted]);
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => Find(key) >= 0;

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var index = Find(key);
        value = index < 0 ? null : _entries[index].Value;
        return index >= 0;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        ((IEnumerable<KeyValuePair<string, string>>)_entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

    /// <summary>Same keys with the same values.</summary>
    public bool Equals(CompactDictionary? other)
    {
        if (other is null || other._entries.Length != _entries.Length)
            return false;
        for (var i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Key != other._entries[i].Key || _entries[i].Value != other._entries[i].Value)
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CompactDictionary);

    /// <summary>The number of entries: the same in every process, and cheap.</summary>
    public override int GetHashCode() => _entries.Length;

    /// <summary>Whether two label sets have the same content; null is the same as empty.</summary>
    public static bool Same(IReadOnlyDictionary<string, string>? left, IReadOnlyDictionary<string, string>? right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if ((left?.Count ?? 0) != (right?.Count ?? 0))
            return false;
        foreach (var (key, value) in left ?? Empty)
        {
            if (!right!.TryGetValue(key, out var there) || there != value)
                return false;
        }
        return true;
    }

    private int Find(string key)
    {
        var (low, high) = (0, _entries.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(_entries[middle].Key, key);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }
}
