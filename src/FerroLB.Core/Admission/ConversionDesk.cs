using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FerroLB.Core.Kube.Json;

namespace FerroLB.Core.Admission;

/// <summary>
/// Converts BGPPeer objects between v1beta1 and v1beta2 for the API server. The review may be of apiextensions.k8s.io/v1 or v1beta1, which
/// have the same fields; the answer is of the version that was asked with.
///
/// A review is answered as a whole: when one object cannot be converted, the answer says why and holds none.
/// </summary>
internal static class ConversionDesk
{
    private static readonly string[] ReviewVersions = ["apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"];

    /// <summary>Answers a ConversionReview. Never throws.</summary>
    public static AdmissionAnswer Answer(ReadOnlyMemory<byte> body)
    {
        if (!KubeJson.TryParse(body, out var document, out var problem))
            return Unreadable(problem);
        try
        {
            using (document)
                return Answer(document!.RootElement);
        }
        catch (InvalidOperationException)
        {
            return Unreadable("it holds a string that is not valid Unicode");
        }
    }

    private static AdmissionAnswer Unreadable(string problem) =>
        AdmissionAnswer.Failed(400, $"The conversion review cannot be read: {problem}.");

    private static AdmissionAnswer Answer(JsonElement review)
    {
        var view = JsonView.Of(review, new StringTable());
        var version = view.String("apiVersion") ?? "";
        var request = view.Object("request");
        var uid = request?.String("uid") ?? "";
        var desired = request?.String("desiredAPIVersion") ?? "";
        if (view.FaultPath is { } path)
            return Unreadable($"{path} {view.FaultProblem}");
        if (view.String("kind") != "ConversionReview" || !ReviewVersions.Contains(version) || uid.Length == 0)
            return Unreadable("it is not a ConversionReview of apiextensions.k8s.io with a request.uid");
        var objects = review.GetProperty("request").TryGetProperty("objects", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().ToList()
            : [];
        var problem = objects.Select(item => PeerConversion.FindProblem(item, desired)).FirstOrDefault(text => text is not null);
        return AdmissionAnswer.Json(json => Write(json, version, uid, problem, problem is null ? objects : [], desired));
    }

    private static void Write(
        Utf8JsonWriter json, string version, string uid, string? problem, IReadOnlyList<JsonElement> objects, string desired)
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", version);
        json.WriteString("kind", "ConversionReview");
        json.WriteStartObject("response");
        json.WriteString("uid", uid);
        json.WriteStartArray("convertedObjects");
        foreach (var item in objects)
            PeerConversion.Write(json, item, desired);
        json.WriteEndArray();
        json.WriteStartObject("result");
        json.WriteString("status", problem is null ? "Success" : "Failed");
        if (problem is not null)
            json.WriteString("message", problem);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
