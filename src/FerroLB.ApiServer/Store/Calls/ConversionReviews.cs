using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.ApiServer.Store.Schemas;

namespace FerroLB.ApiServer.Store.Calls;

/// <summary>
/// ConversionReview, apiextensions.k8s.io v1 and v1beta1: what the conversion webhook of a CustomResourceDefinition is asked and what of
/// its answer is believed. It may change everything but the object's identity: of metadata only labels and annotations are taken.
/// </summary>
internal static class ConversionReviews
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>The call that converts objects to a version of their kind.</summary>
    public static ExternalCall Call(ResourceKind kind, string version, List<JsonObject> objects, string callId)
    {
        var conversion = kind.Conversion!;
        var array = new JsonArray();
        foreach (var source in objects)
            array.Add((JsonNode)source.Copy());
        var review = new JsonObject
        {
            ["kind"] = "ConversionReview",
            ["apiVersion"] = "apiextensions.k8s.io/" + conversion.ReviewVersion,
            ["request"] = new JsonObject { ["uid"] = callId, ["desiredAPIVersion"] = kind.ApiVersion(version), ["objects"] = array },
        };
        return new ExternalCall
        {
            Id = callId, Name = "conversion of " + ApiErrors.Qualified(kind.Group, kind.Plural), Target = conversion.Target,
                Timeout = Timeout,
            Body = JsonText.Write(review),
        };
    }

    /// <summary>The converted objects, in the order of the sources; null when the answer is no use, and then the error tells why.</summary>
    public static List<JsonObject>? Read(
        ResourceKind kind, string version, List<JsonObject> sources, ExternalAnswer answer, out string error)
    {
        error = "";
        var shown = $"{sources[0].Text("apiVersion")}, Kind={kind.Name}{(sources.Count > 1 ? "List" : "")}";
        if (Objects(kind, answer, out var failure) is not { } objects)
        {
            error = $"conversion webhook for {shown} failed: {failure}";
            return null;
        }
        if (objects.Count != sources.Count)
        {
            error = $"conversion webhook for {shown} returned {objects.Count} objects, expected {sources.Count}";
            return null;
        }
        var results = new List<JsonObject>();
        for (var i = 0; i < sources.Count; i++)
        {
            if (Breach(kind, version, sources[i], objects[i]) is { } breach)
            {
                error = $"conversion webhook for {shown} returned invalid converted object at index {i}: {breach}";
                return null;
            }
            results.Add(Accept(kind, version, sources[i], (JsonObject)objects[i]!));
        }
        return results;
    }

    private static JsonArray? Objects(ResourceKind kind, ExternalAnswer answer, out string failure)
    {
        if (answer.Error is { } error)
        {
            failure = error;
            return null;
        }
        if (Parse(answer) is not { } review)
        {
            failure = "the answer is no JSON object";
            return null;
        }
        var expected = "apiextensions.k8s.io/" + kind.Conversion?.ReviewVersion;
        if (review.Text("apiVersion") != expected || review.Text("kind") != "ConversionReview")
        {
            failure = $"expected webhook response of {expected}, Kind=ConversionReview, got {review.Text("apiVersion")}, " +
                $"Kind={review.Text("kind")}";
            return null;
        }
        if (review.Text("response", "uid") != answer.CallId)
        {
            failure = $"expected response.uid=\"{answer.CallId}\", got \"{review.Text("response", "uid")}\"";
            return null;
        }
        var result = review.Object("response", "result");
        if (result.Text("status") != "Success")
        {
            failure = result.Text("message") is { Length: > 0 } message ? message : $"response.result.status was '{result.Text("status")}'";
            return null;
        }
        failure = "";
        return review.Array("response", "convertedObjects") ?? [];
    }

    private static JsonObject? Parse(ExternalAnswer answer)
    {
        try
        {
            return JsonText.Parse(answer.Body.Span) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Breach(ResourceKind kind, string version, JsonObject source, JsonNode? converted)
    {
        if (converted is not JsonObject || converted.Object("metadata") is null)
            return "missing metadata in converted object";
        if (converted.Text("apiVersion") != kind.ApiVersion(version))
            return $"invalid groupVersion (expected {kind.ApiVersion(version)}, received {converted.Text("apiVersion")})";
        if (converted.Text("kind") != kind.Name)
            return $"invalid kind (expected {kind.Name}, received {converted.Text("kind")})";
        foreach (var (name, shown) in (ReadOnlySpan<(string, string)>)[("name", "name"), ("namespace", "namespace"), ("uid", "UID")])
        {
            var (before, after) = (source.Text("metadata", name) ?? "", converted.Text("metadata", name) ?? "");
            if (before != after)
                return $"must have the same {shown}: {before} != {after}";
        }
        return null;
    }

    private static JsonObject Accept(ResourceKind kind, string version, JsonObject source, JsonObject converted)
    {
        var result = converted.Copy();
        var metadata = source.Object("metadata")!.Copy();
        metadata.Restore("labels", converted.Object("metadata")!);
        metadata.Restore("annotations", converted.Object("metadata")!);
        result["metadata"] = metadata;
        SchemaPruning.PruneObject(result, kind.Schema(version), []);
        SchemaDefaults.Apply(result, kind.Schema(version));
        return result;
    }
}
