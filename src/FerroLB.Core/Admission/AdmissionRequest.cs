using System.Text.Json;
using FerroLB.Core.Kube.Json;

namespace FerroLB.Core.Admission;

/// <summary>The request inside an AdmissionReview.</summary>
/// <param name="Uid">Names the request; the answer repeats it.</param>
/// <param name="Operation">CREATE, UPDATE, DELETE or CONNECT.</param>
/// <param name="Namespace">The namespace written to; "" for cluster-scoped objects.</param>
/// <param name="Name">The object's name; may be empty while it is created.</param>
/// <param name="SubResource">For instance "status"; "" for the object itself.</param>
/// <param name="Object">The object as it would be stored; undefined or null for DELETE.</param>
internal sealed record AdmissionRequest(
    string Uid, string Operation, string Namespace, string Name, string SubResource, JsonElement Object)
{
    /// <summary>Reads the request of a review, or says why that is not possible.</summary>
    public static AdmissionRequest? Read(JsonElement review, StringTable strings, out string problem)
    {
        var view = JsonView.Of(review, strings);
        var request = view.Object("request");
        if (view.String("kind") != "AdmissionReview" || view.String("apiVersion") != "admission.k8s.io/v1")
        {
            problem = "the body is not an AdmissionReview of admission.k8s.io/v1";
            return null;
        }
        var uid = request?.String("uid") ?? "";
        var result = new AdmissionRequest(
            uid, request?.String("operation") ?? "", request?.String("namespace") ?? "", request?.String("name") ?? "",
            request?.String("subResource") ?? "", FindObject(review));
        problem = view.FaultPath is { } path ? $"{path} {view.FaultProblem}" : uid.Length == 0 ? "request.uid must be set" : "";
        return problem.Length == 0 ? result : null;
    }

    private static JsonElement FindObject(JsonElement review)
    {
        if (review.ValueKind == JsonValueKind.Object && review.TryGetProperty("request", out var request) &&
            request.ValueKind == JsonValueKind.Object && request.TryGetProperty("object", out var value))
            return value;
        return default;
    }
}
