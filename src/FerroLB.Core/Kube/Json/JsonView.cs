using System;
using System.Collections.Generic;
using System.Text.Json;

namespace FerroLB.Core.Kube.Json;

/// <summary>
/// A place inside a JSON document, read field by field with the type that the caller expects. As in Kubernetes, a null field is the same as
/// an absent one, and unknown fields are nothing to complain about. A field of another type reads as absent, and the first such place is
/// remembered by the document's root with its path, so that the whole object can be refused with one precise sentence.
/// </summary>
public sealed class JsonView
{
    private readonly JsonElement _element;
    private readonly JsonView? _parent;
    private readonly string? _name;
    private readonly int _index;
    private readonly Root _root;

    private JsonView(JsonElement element, JsonView? parent, string? name, int index, Root root) =>
        (_element, _parent, _name, _index, _root) = (element, parent, name, index, root);

    /// <summary>Looks at an element that must be an object.</summary>
    public static JsonView Of(JsonElement element, StringTable strings)
    {
        var view = new JsonView(element, null, null, 0, new Root(strings));
        if (element.ValueKind != JsonValueKind.Object)
            view.Fail(null, "an object", element);
        return view;
    }

    /// <summary>The path of the first fault; null while there is none.</summary>
    public string? FaultPath => _root.Path;

    /// <summary>What is wrong at <see cref="FaultPath"/>.</summary>
    public string? FaultProblem => _root.Problem;

    /// <summary>An object field, or null.</summary>
    public JsonView? Object(string name)
    {
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Object)
            return new JsonView(value, this, name, 0, _root);
        Fail(name, "an object", value);
        return null;
    }

    /// <summary>A text field, or null.</summary>
    public string? String(string name) => TryGet(name, out var value) ? Text(name, value) : null;

    /// <summary>A text field that hardly any two objects have in common, or null: it does not take the place of another in the table of
    /// strings.</summary>
    public string? UniqueString(string name)
    {
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Fail(name, "a string", value);
        return null;
    }

    /// <summary>A truth value, or null.</summary>
    public bool? Boolean(string name)
    {
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Fail(name, "true or false", value);
        return null;
    }

    /// <summary>A whole number of 64 bits, or null.</summary>
    public long? Int64(string name)
    {
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
            return number;
        Fail(name, "a whole number", value);
        return null;
    }

    /// <summary>A whole number of 32 bits, or null.</summary>
    public int? Int32(string name)
    {
        if (Int64(name) is not { } number)
            return null;
        if (number is >= int.MinValue and <= int.MaxValue)
            return (int)number;
        Fail(name, "must be a number of 32 bits");
        return null;
    }

    /// <summary>An RFC 3339 time, or null.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time))
            return time;
        Fail(name, "a time such as \"2030-01-31T12:00:00Z\"", value);
        return null;
    }

    /// <summary>A list of texts, or null.</summary>
    public IReadOnlyList<string>? Strings(string name)
    {
        if (!TryGetArray(name, out var array))
            return null;
        var texts = new List<string>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
            texts.Add(Text($"{name}[{texts.Count}]", item) ?? "");
        return texts is [var only] ? _root.Strings.ListOf(only) : texts.ToArray();
    }

    /// <summary>A list of objects, or null; a null item or one of another type is a fault.</summary>
    public IReadOnlyList<T>? List<T>(string name, Func<JsonView, T> read)
    {
        if (!TryGetArray(name, out var array))
            return null;
        var items = new T[array.GetArrayLength()];
        var index = 0;
        foreach (var item in array.EnumerateArray())
        {
            var view = new JsonView(item, this, name, index, _root);
            if (item.ValueKind != JsonValueKind.Object)
                view.Fail(null, "an object", item);
            items[index++] = read(view);
        }
        return items;
    }

    /// <summary>A map from texts to texts, or null when absent or when nothing of it is kept.</summary>
    public CompactDictionary? Map(string name, Func<string, bool>? keep = null)
    {
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Object)
        {
            Fail(name, "an object", value);
            return null;
        }
        var entries = new List<KeyValuePair<string, string>>();
        foreach (var property in value.EnumerateObject())
        {
            if (keep is null || keep(property.Name))
                entries.Add(new(_root.Strings.Intern(property.Name), Text($"{name}[{property.Name}]", property.Value) ?? ""));
        }
        return entries.Count == 0 ? null : CompactDictionary.From(entries);
    }

    /// <summary>The one copy of a list of one text.</summary>
    public IReadOnlyList<string> ListOf(string text) => _root.Strings.ListOf(text);

    /// <summary>Whether a field is there and not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    private string? Text(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            return _root.Strings.Intern(value.GetString()!);
        if (value.ValueKind != JsonValueKind.Null)
            Fail(name, "a string", value);
        return null;
    }

    private bool TryGetArray(string name, out JsonElement array)
    {
        if (!TryGet(name, out array))
            return false;
        if (array.ValueKind == JsonValueKind.Array)
            return true;
        Fail(name, "a list", array);
        return false;
    }

    private bool TryGet(string name, out JsonElement value)
    {
        value = default;
        return _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(name, out value) &&
            value.ValueKind != JsonValueKind.Null;
    }

    private void Fail(string? name, string expected, JsonElement found) => Fail(name, $"must be {expected}, found {Describe(found)}");

    private void Fail(string? name, string problem)
    {
        if (_root.Path is not null)
            return;
        _root.Path = Path(name);
        _root.Problem = problem;
    }

    private string Path(string? last)
    {
        var path = last ?? "";
        for (var view = this; view._parent is not null; view = view._parent)
        {
            var here = view._parent._element.TryGetProperty(view._name!, out var list) && list.ValueKind == JsonValueKind.Array
                ? $"{view._name}[{view._index}]"
                : view._name!;
            path = path.Length == 0 ? here : $"{here}.{path}";
        }
        return path;
    }

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        _ => "null",
    };

    private sealed class Root(StringTable strings)
    {
        public StringTable Strings { get; } = strings;
        public string? Path { get; set; }
        public string? Problem { get; set; }
    }
}
