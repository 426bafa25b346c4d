using System;
using System.Text.Json;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>What a line of a watch says.</summary>
public enum WatchLineKind
{
    /// <summary>The line is not one of a watch.</summary>
    Garbage,

    /// <summary>An object is there, or changed.</summary>
    Changed,

    /// <summary>An object is gone; the line carries its last state.</summary>
    Deleted,

    /// <summary>Nothing but a newer resourceVersion.</summary>
    Bookmark,

    /// <summary>The server ends the watch with a Status.</summary>
    Error,
}

/// <summary>One line of a watch, taken apart.</summary>
/// <typeparam name="T">The record of the kind.</typeparam>
public sealed class WatchLine<T>
    where T : KubeObject
{
    private WatchLine(WatchLineKind kind) => Kind = kind;

    /// <summary>What the line says.</summary>
    public WatchLineKind Kind { get; }

    /// <summary>The object; null for bookmarks and errors, and when it could not be read.</summary>
    public T? Object { get; private init; }

    /// <summary>Why the object could not be read, or what is wrong with the line.</summary>
    public JsonFault? Fault { get; private init; }

    /// <summary>The object's or bookmark's resourceVersion, even if the rest of it could not be read.</summary>
    public string? ResourceVersion { get; private init; }

    /// <summary>For errors: the Status.</summary>
    public KubeStatus? Status { get; private init; }

    /// <summary>Reads a line.</summary>
    internal static WatchLine<T> Read(KubeKind<T> kind, ReadOnlyMemory<byte> json, StringTable strings)
    {
        if (!KubeJson.TryParse(json, out var document, out var problem))
            return Garbage(kind, problem);
        using (document)
            return ReadEvent(kind, document!.RootElement, strings);
    }

    private static WatchLine<T> ReadEvent(KubeKind<T> kind, JsonElement root, StringTable strings)
    {
        try
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("type", out var type) ||
                type.ValueKind != JsonValueKind.String || !root.TryGetProperty("object", out var value))
                return Garbage(kind, "not an event of a watch");
            if (type.ValueEquals("BOOKMARK"))
                return new WatchLine<T>(WatchLineKind.Bookmark) { ResourceVersion = KubeJson.ReadResourceVersion(value, strings) };
            if (type.ValueEquals("ERROR"))
                return new WatchLine<T>(WatchLineKind.Error) { Status = KubeStatus.Read(value) };
            var deleted = type.ValueEquals("DELETED");
            if (!deleted && !type.ValueEquals("ADDED") && !type.ValueEquals("MODIFIED"))
                return Garbage(kind, "an event of unknown type");
            var item = KubeJson.ReadElement(kind, value, strings, out var fault);
            return new WatchLine<T>(deleted ? WatchLineKind.Deleted : WatchLineKind.Changed)
            {
                Object = item,
                Fault = fault,
                ResourceVersion = KubeJson.ReadResourceVersion(value, strings),
            };
        }
        catch (InvalidOperationException)
        {
            // Found only when the text is compared: an escape that is half of a surrogate pair.
            return Garbage(kind, "an event whose type is not valid Unicode");
        }
    }

    private static WatchLine<T> Garbage(KubeKind<T> kind, string problem) =>
        new(WatchLineKind.Garbage) { Fault = new JsonFault(kind.Resource.Kind, default, "", problem) };
}
