using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Selection;

/// <summary>
/// The rest of lists that are read page by page: later pages show the state of the first. The number kept is bounded; the oldest is
/// forgotten first.
/// </summary>
internal sealed class ListSnapshots(int capacity)
{
    private readonly SortedDictionary<long, (long Version, List<StoredObject> Objects)> _snapshots = [];
    private long _nextId;

    /// <summary>Keeps a list; the id goes into tokens.</summary>
    public long Keep(long version, List<StoredObject> objects)
    {
        while (_snapshots.Count >= capacity)
        {
            using var oldest = _snapshots.GetEnumerator();
            oldest.MoveNext();
            _snapshots.Remove(oldest.Current.Key);
        }
        _snapshots[++_nextId] = (version, objects);
        return _nextId;
    }

    /// <summary>Forgets all lists.</summary>
    public void Forget() => _snapshots.Clear();

    /// <summary>The token for the page that begins at a position.</summary>
    public static string Token(long id, long version, int position)
    {
        var json = string.Create(CultureInfo.InvariantCulture,
            $"{{\"v\":\"meta.k8s.io/v1\",\"rv\":{version},\"id\":{id},\"at\":{position}}}");
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <summary>What a token stands for; throws 400 for a foreign token and 410 for a forgotten list.</summary>
    public (long Id, long Version, List<StoredObject> Objects, int Position) Find(string token)
    {
        var json = Decode(token);
        if (json.Integer("id") is not { } id || json.Integer("at") is not { } position || json.Integer("rv") is not { } version)
            throw ApiErrors.BadRequest("continue key is not valid: encoded continue token is not of the known form");
        if (!_snapshots.TryGetValue(id, out var snapshot) || snapshot.Version != version || position < 0 ||
            position > snapshot.Objects.Count)
            throw ApiErrors.Expired("The provided continue parameter is too old to display a consistent list result. You can start a " +
                "new list " +
                "without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.");
        return (id, version, snapshot.Objects, (int)position);
    }

    private static JsonNode? Decode(string token)
    {
        var text = token.Replace('-', '+').Replace('_', '/');
        var bytes = new byte[token.Length];
        try
        {
            return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var count)
                ? JsonText.Parse(bytes.AsSpan(0, count))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
