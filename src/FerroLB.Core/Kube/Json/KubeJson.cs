using System;
using System.Text.Json;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>Reads single objects. Nothing here throws, whatever the bytes.</summary>
public static class KubeJson
{
    /// <summary>Deeper nesting than any object of Kubernetes has is refused, so that parsing needs bounded stack.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>Reads one object, or says why that is not possible.</summary>
    public static T? ReadObject<T>(KubeKind<T> kind, ReadOnlyMemory<byte> json, StringTable strings, out JsonFault? fault)
        where T : KubeObject
    {
        if (!TryParse(json, out var document, out var problem))
        {
            fault = new JsonFault(kind.Resource.Kind, default, "", problem);
            return null;
        }
        using (document)
            return ReadElement(kind, document!.RootElement, strings, out fault);
    }

    /// <summary>Parses bytes as one JSON document; false with the reason when they are none.</summary>
    internal static bool TryParse(ReadOnlyMemory<byte> json, out JsonDocument? document, out string problem)
    {
        try
        {
            document = JsonDocument.Parse(json, Options);
            problem = "";
            return true;
        }
        catch (JsonException e)
        {
            document = null;
            problem = $"not JSON at byte {e.BytePositionInLine ?? 0} of line {(e.LineNumber ?? 0) + 1}";
            return false;
        }
    }

    /// <summary>Reads one object of a parsed document.</summary>
    internal static T? ReadElement<T>(KubeKind<T> kind, JsonElement element, StringTable strings, out JsonFault? fault)
        where T : KubeObject
    {
        var key = default(ObjectKey);
        try
        {
            var view = JsonView.Of(element, strings);
            key = ReadKey(view);
            var result = kind.Read(view);
            if (view.FaultPath is null && key.Name.Length > 0)
            {
                fault = null;
                return result;
            }
            fault = view.FaultPath is { } path
                ? new JsonFault(kind.Resource.Kind, key, path, view.FaultProblem!)
                : new JsonFault(kind.Resource.Kind, key, "metadata.name", "must be set");
            return null;
        }
        catch (InvalidOperationException)
        {
            // A string whose escapes or bytes are no valid Unicode is found only when it is read.
            fault = new JsonFault(kind.Resource.Kind, key, "", "holds a string that is not valid Unicode");
            return null;
        }
    }

    /// <summary>The resourceVersion of an object of any kind, however broken its other fields are; null when there is none.</summary>
    internal static string? ReadResourceVersion(JsonElement element, StringTable strings)
    {
        try
        {
            return JsonView.Of(element, strings).Object("metadata")?.UniqueString("resourceVersion");
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static ObjectKey ReadKey(JsonView view)
    {
        var meta = view.Object("metadata");
        return new ObjectKey(meta?.String("namespace") ?? "", meta?.UniqueString("name") ?? "");
    }
}
